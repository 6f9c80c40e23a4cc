using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>Ways to spoil an input: those of broken wires and disks, and those of people who know the format.</summary>
internal static class Mutation
{
    private const int LengthMax = 64 * 1024; // beyond it only time is lost

    // What parsers stumble over: lengths and numbers at their edges, nesting, escapes, halves of characters, names that mean something.
    private static readonly byte[][] Tokens =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], [0],
        [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0x08], [0x0A, 0xFF, 0x7F], [0x0B], [0x0C], [0xC3], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE],
        .. new[]
        {
            "null", "true", "-1", "0", "1e999", "-0.0", "9223372036854775807", "9223372036854775808", "18446744073709551616", "\"\"", "\"\\ud800\"", "\\u0000", "\u001b[2J", "{}", "[]",
            "[[[[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":", ",", ":", "..", "...", "@", "@0", "@2", "~", "~0", "~99999999999", "^", "^^", "/", "-", "-5m", "-99999999999d", "=", ";", " ", "\n", "\r\n", "\t",
            "2026-11-22T09:14Z", "0000-00-00T00:00Z", "00000000000000000000000000000001:1", "\u202e", "\u00e9", "e\u0301", "\ud83d\ude00", "%00", "%", "?", "&", "#", "*", "(", "(?<", "(->", "\"type\"", "\"ask\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A spoiled copy: one to four changes.</summary>
    public static byte[] Of(SplitMix64 random, byte[] input, IReadOnlyList<byte[]> others)
    {
        var bytes = input;
        for (var changes = 1 + random.Below(4); changes > 0; changes--) bytes = Once(random, bytes, others);
        return bytes.Length > LengthMax ? bytes[..LengthMax] : bytes;
    }

    private static byte[] Once(SplitMix64 random, byte[] bytes, IReadOnlyList<byte[]> others)
    {
        var (at, to) = (random.Below(bytes.Length + 1), random.Below(bytes.Length + 1));
        if (at > to) (at, to) = (to, at);
        switch (random.Below(9))
        {
            case 0 when bytes.Length > 0: // one bit of a wire or a disk
                byte[] flipped = [.. bytes];
                flipped[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
                return flipped;
            case 1 when bytes.Length > 0: // one byte
                byte[] changed = [.. bytes];
                changed[random.Below(bytes.Length)] = (byte)random.Next();
                return changed;
            case 2: // cut off
                return bytes[..at];
            case 3: // a part is missing
                return [.. bytes[..at], .. bytes[to..]];
            case 4: // a part comes twice
                return [.. bytes[..to], .. bytes[at..]];
            case 5: // a part comes very often
                var part = bytes[at..Math.Min(to, at + 64)];
                return [.. bytes[..at], .. Enumerable.Repeat(part, 1 + random.Below(200)).SelectMany(once => once), .. bytes[at..]];
            case 6: // the end of another
                var other = others[random.Below(others.Count)];
                return [.. bytes[..at], .. other[random.Below(other.Length + 1)..]];
            case 7: // zeros, as a crash leaves them
                return [.. bytes[..at], .. new byte[to - at], .. bytes[to..]];
            default:
                return [.. bytes[..at], .. Tokens[random.Below(Tokens.Length)], .. bytes[(random.Below(2) == 0 ? at : to)..]];
        }
    }
}
