using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Writes JSON as it was read, to the byte, so that hashes can be checked; unless it holds what no terminal may be shown, or spans
/// several lines while exports have one event per line: then those characters are escaped, and the bytes stand beside it.</summary>
internal sealed class VerbatimJson : JsonConverter<JsonElement?>
{
    public override JsonElement? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement? value, JsonSerializerOptions options)
    {
        if (value is { } element) writer.WriteRawValue(Shown(element.GetRawText()), skipInputValidation: true);
        else writer.WriteNullValue();
    }

    /// <summary>True when JSON text can stand in a line of output as it is.</summary>
    public static bool IsShown(ReadOnlySpan<char> json) => TerminalText.IsShown(json);

    // Within strings line ends are escaped always: what is left of them stands between values.
    private static string Shown(string json) => IsShown(json) ? json : TerminalText.Json(json).Replace('\n', ' ');
}
