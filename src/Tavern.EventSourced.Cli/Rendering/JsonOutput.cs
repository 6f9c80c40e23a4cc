using System.Text.Json;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Writes answers as JSON, with the field names that every door uses. The encoder escapes everything outside ASCII, so
/// control characters cannot reach a terminal here either.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Indented = new(AnswerJson.Default.Options) { WriteIndented = true };

    /// <summary>Writes one value: on several lines, or on one.</summary>
    public static void Write(Terminal terminal, object value, bool indented)
    {
        var options = indented ? Indented : AnswerJson.Default.Options;
        terminal.Output.WriteLine(JsonSerializer.Serialize(value, options.GetTypeInfo(value.GetType())));
    }
}
