using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Tavern.EventSourced.Events;

/// <summary>Reads the strings of JSON that others wrote. JSON can spell what text cannot hold, half a surrogate pair
/// (<c>"\ud800"</c>), and the framework's readers throw at it: here it is U+FFFD.</summary>
public static class JsonText
{
    /// <summary>The text of a JSON string.</summary>
    /// <param name="value">Of kind <see cref="JsonValueKind.String"/>.</param>
    public static string Of(JsonElement value) => Unescape(value.GetRawText().AsSpan()[1..^1]);

    /// <summary>The name of a property.</summary>
    public static string NameOf(JsonProperty property) => Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property)));

    /// <summary>The text of the JSON string that a reader over one span stands on.</summary>
    public static string Of(ref Utf8JsonReader reader)
    {
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        return reader.ValueIsEscaped ? Unescape(text) : text;
    }

    /// <summary>Texts of a payload are searched: true when the payload is JSON and one of its text values, at any depth, holds
    /// <paramref name="text"/>, upper and lower case alike, compared by code point (<see cref="StringComparison.OrdinalIgnoreCase"/>). However a
    /// character is spelled, it is the same (<c>é</c>, <c>\u00e9</c>); names of properties, numbers and parts of several values are not
    /// searched, and composed and decomposed characters are not the same.</summary>
    public static bool Contains(ReadOnlySpan<byte> payload, string text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(payload)) return false;
        var reader = new Utf8JsonReader(payload);
        var found = false;
        try
        {
            while (reader.Read()) // to the end, also when found: what is not JSON as a whole has no text values
                found |= !found && reader.TokenType is JsonTokenType.String && Of(ref reader).Contains(text, StringComparison.OrdinalIgnoreCase);
            return found;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Unescape(ReadOnlySpan<char> escaped)
    {
        if (!escaped.Contains('\\')) return escaped.ToString();
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            i++;
            if (escaped[i] == 'u')
            {
                text.Append((char)ushort.Parse(escaped.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(escaped[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var itself => itself });
            }
        }

        return Whole(text.ToString());
    }

    private static string Whole(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff')) return text;
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) whole.Append(rune.ToString()); // half a pair is enumerated as U+FFFD
        return whole.ToString();
    }
}
