using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Writes answers as JSON, with the field names that every door uses. The encoder escapes everything outside
/// ASCII, and the terminal what payloads that are passed on as written may hold.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions OneLine = new(AnswerJson.Default.Options)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(AnswerJson.Default, CliJson.Default),
    };

    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };

    /// <summary>Writes one value: on several lines, or on one.</summary>
    public static void Write(Terminal terminal, object value, bool indented)
    {
        var options = indented ? Indented : OneLine;
        terminal.Json(JsonSerializer.Serialize(value, options.GetTypeInfo(value.GetType())));
    }
}
