using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>Whether PostgreSQL casts a text to <c>jsonb</c>, told without asking it. Beyond what is JSON at all it refuses the character 0, halves of
/// surrogate pairs, and numbers outside of <c>numeric</c>. Source: PostgreSQL manual, 8.14 "JSON Types" and 8.1.2 "Arbitrary Precision
/// Numbers"; tried against version 15.</summary>
internal static class JsonbText
{
    /// <summary>Levels of objects and arrays. What is deeper counts as no <c>jsonb</c>: a server's own limit depends on the size of its stack, and common
    /// readers of JSON stop here.</summary>
    public const int DepthMax = 64;

    private const int DigitsBeforeMax = 131_072; // of numeric, before the decimal point
    private const int DigitsAfterMax = 16_383;
    private const int ExponentMax = 1_073_741_822;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    /// <summary>True when <c>convert_from(payload, 'UTF8')::jsonb</c> succeeds in a database encoded in UTF8, and no level is below <see cref="DepthMax"/>.</summary>
    public static bool Casts(ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload)) return false;
        var reader = new Utf8JsonReader(payload, Options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.Number && !IsNumeric(reader.ValueSpan)) return false;
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !SpellsText(reader.ValueSpan)) return false;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A string's inside, of correct escapes: true when none is the character 0 and surrogates come in pairs.</summary>
    private static bool SpellsText(ReadOnlySpan<byte> escaped)
    {
        var halved = false; // the first half of a pair stands right before
        for (var i = 0; i < escaped.Length; i++)
        {
            var unit = 0;
            if (escaped[i] == '\\' && escaped[++i] == 'u')
            {
                unit = int.Parse(escaped.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                if (unit == 0) return false;
                i += 4;
            }

            if (char.IsLowSurrogate((char)unit) != halved) return false;
            halved = char.IsHighSurrogate((char)unit);
        }

        return !halved;
    }

    /// <summary>A number as JSON writes it: true when it is within <c>numeric</c>.</summary>
    private static bool IsNumeric(ReadOnlySpan<byte> number)
    {
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        var exponent = 0L;
        if (e >= 0 && (!TryParseExponent(number[(e + 1)..], out exponent) || Math.Abs(exponent) > ExponentMax)) return false;
        var digits = (e < 0 ? number : number[..e]).TrimStart((byte)'-');
        var point = digits.IndexOf((byte)'.');
        var (before, after) = point < 0 ? (digits.Length, 0) : (point, digits.Length - point - 1);
        if (after - exponent > DigitsAfterMax) return false;
        var first = digits.IndexOfAnyInRange((byte)'1', (byte)'9');
        return first < 0 || (first < before ? before - first : before - first + 1) + exponent <= DigitsBeforeMax;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, out long exponent) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
}
