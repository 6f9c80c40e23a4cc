using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What a payload says, in one line of text. The text is an agent's and may hold anything: what shows it to people makes it
/// safe first.</summary>
public static partial class PayloadText
{
    private const int WordCharsMax = 60; // longer than any word, id or address that people meet here

    /// <summary>The values of a JSON object as <c>name: value</c>, cut to a line.</summary>
    /// <param name="payload">Null when it is not JSON.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="charsMax">Longer text is cut and ends in "..."; at least 4.</param>
    public static string OneLine(JsonElement? payload, int bytes, int charsMax)
    {
        if (payload is not { } json) return $"{bytes} bytes that are not JSON";
        if (json.ValueKind is not JsonValueKind.Object) return Cut(json.GetRawText(), charsMax);
        var text = new StringBuilder();
        foreach (var property in json.EnumerateObject())
        {
            if (text.Length > charsMax) break;
            if (text.Length > 0) text.Append(", ");
            text.Append(JsonText.NameOf(property)).Append(": ").Append(Short(Value(property.Value)));
        }

        return Cut(text.ToString(), charsMax);
    }

    /// <summary>A JSON value: texts without quotes, everything else as JSON.</summary>
    public static string Value(JsonElement value) => value.ValueKind is JsonValueKind.String ? JsonText.Of(value) : value.GetRawText();

    /// <summary>The text with names in the place of the ids of agents. Payloads hold ids, so that nothing in them changes when a name does;
    /// people read names.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="nameOf">The name of an id of 32 lower-case hexadecimal digits; null for unknown.</param>
    public static string WithNames(string text, Func<string, string?> nameOf) => Ids().Replace(text, match => nameOf(match.Value) ?? match.Value);

    // Keys and hashes: nobody reads them in a list, and they would push aside what people wrote.
    private static string Short(string value) =>
        value.Length > WordCharsMax && !value.Contains(' ', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? Cut(value, 15) : value;

    private static string Cut(string text, int charsMax)
    {
        if (text.Length <= charsMax) return text;
        var end = charsMax - 3;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "...";
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")]
    private static partial Regex Ids();
}
