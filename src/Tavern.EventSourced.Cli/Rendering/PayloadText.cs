using System.Text.Json;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A payload on one line.</summary>
internal static class PayloadText
{
    private const int WordCharsMax = 60; // longer than any word, id or address that people meet here
    private const int CharsMax = 120; // the rest of one wide terminal line; 'tavern show' has it whole

    /// <summary>Values of a JSON object as <c>name: value</c>, cut to a line.</summary>
    public static string OneLine(EventView view)
    {
        var text = view.Payload switch
        {
            { ValueKind: JsonValueKind.Object } payload => string.Join(", ", payload.EnumerateObject().Select(property => $"{property.Name}: {Short(Value(property.Value))}")),
            { } payload => payload.GetRawText(),
            null => $"{view.PayloadBytes} bytes that are not JSON",
        };
        return text.Length <= CharsMax ? text : text[..(CharsMax - 3)] + "...";
    }

    // Keys and hashes: nobody reads them in a list, and they would push aside what people wrote.
    private static string Short(string value) => value.Length > WordCharsMax && !value.Contains(' ', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal)
        ? value[..12] + "..."
        : value;

    /// <summary>A JSON value: texts without quotes, everything else as JSON.</summary>
    public static string Value(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();
}
