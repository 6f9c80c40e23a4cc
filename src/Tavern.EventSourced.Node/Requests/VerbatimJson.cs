using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Writes JSON as it was read, to the byte, so that hashes can be checked; over several lines becomes one line, since
/// exports have one event per line.</summary>
internal sealed class VerbatimJson : JsonConverter<JsonElement?>
{
    public override JsonElement? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonElement? value, JsonSerializerOptions options)
    {
        if (value is not { } element) writer.WriteNullValue();
        else if (element.GetRawText() is var raw && IsOneLine(raw)) writer.WriteRawValue(raw, skipInputValidation: true);
        else element.WriteTo(writer);
    }

    /// <summary>True when JSON text can stand in a line: within strings line ends are escaped always.</summary>
    public static bool IsOneLine(ReadOnlySpan<char> json) => !json.ContainsAny('\n', '\r');
}
