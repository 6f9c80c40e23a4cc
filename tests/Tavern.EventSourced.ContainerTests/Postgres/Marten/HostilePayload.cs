using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>Payloads as nobody sends them who means well: JSON and near misses of it, at the edges of what PostgreSQL holds. They follow from a
/// generator.</summary>
internal static class HostilePayload
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1.5e-7", "1e131071", "1e131072", "0.001e131074", "0.001e131075", "9e-16383", "9e-16384", "1.5e-16383", "0e-16383", "0e-16384", "0e999999",
        "1e999999", "-1e999999", "1e1073741822", "0e1073741822", "0e99999999999999999999", "1e-99999999999999999999", "1E+5", "1e0000000000000000000000000000005", "01", "1.", ".5", "-", "+1", "1e", "NaN",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "é", "\\u00e9", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00", "\\ud83dx", "\\ud83d\\n", "\\uD83D\\uDE00", "😀", "\\u", "\\u12", "\\x41", "\\/", "\\\\u0000",
        "\\\\", "\\\"", "\u0001", "\t", "\u007f", "\ufeff", "\uffff", "\\uffff", "\\ud800\\u0041", "\\\\\\u0000",
    ];

    private static readonly byte[][] Bytes = [[0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xef, 0xbb, 0xbf], [0x0b], [0xc2, 0xa0]];

    /// <summary>The next one.</summary>
    public static byte[] Next(SplitMix64 random)
    {
        var payload = random.Below(12) == 0 ? Deep(random.Below(3) + 63) : Encoding.UTF8.GetBytes(Value(random, levels: 3));
        if (random.Below(4) > 0) return payload;
        var spoiled = payload.ToList();
        for (var i = random.Below(2); i >= 0; i--)
        {
            var at = random.Below(spoiled.Count + 1);
            switch (random.Below(3))
            {
                case 0:
                    spoiled.InsertRange(at, Bytes[random.Below(Bytes.Length)]);
                    break;
                case 1:
                    spoiled.RemoveRange(at, Math.Min(spoiled.Count - at, 1 + random.Below(3)));
                    break;
                default:
                    spoiled.InsertRange(at, " ,:{}[]\"\\0eE-tn/"u8.Slice(random.Below(16), 1));
                    break;
            }
        }

        return [.. spoiled];
    }

    private static byte[] Deep(int levels) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, levels).Select(i => i % 2 == 0 ? "[" : "{\"a\":")) + "1"
        + string.Concat(Enumerable.Range(0, levels).Reverse().Select(i => i % 2 == 0 ? "]" : "}")));

    private static string Value(SplitMix64 random, int levels) => random.Below(levels > 0 ? 6 : 3) switch
    {
        0 => Numbers[random.Below(Numbers.Length)],
        1 => "\"" + Text(random) + "\"",
        2 => ((string[])["true", "false", "null", "nul", "True"])[random.Below(5)],
        3 => "[" + string.Join(",", Enumerable.Range(0, random.Below(4)).Select(_ => Value(random, levels - 1))) + "]",
        _ => "{" + string.Join(", ", Enumerable.Range(0, random.Below(4)).Select(_ => $"\"{Text(random)}\":{Value(random, levels - 1)}")) + "}",
    };

    private static string Text(SplitMix64 random) => string.Concat(Enumerable.Range(0, random.Below(3)).Select(_ => Texts[random.Below(Texts.Length)]));
}
