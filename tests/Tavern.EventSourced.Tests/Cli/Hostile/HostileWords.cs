using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tavern.EventSourced.Tests.Cli;

/// <summary>Text that a terminal would obey, or that hides and covers what stands beside it; and what may be left of it.</summary>
internal static partial class HostileWords
{
    private const int MarksMax = 4;
    private const int LineCharsMax = 20_000; // several texts of 2000 in one line, far below what was put in

    /// <summary>All of it in one text: escape sequences, hyperlinks, C1 controls, reordering, zero width, line ends, half pairs, masses of marks.</summary>
    public static string All { get; } =
        "ev\e[5mil\e]0;owned\a\e]8;;http://evil.example\e\\link\e]8;;\e\\\e[2J\eP1$r\e\\" +
        "\u0080\u0085\u009b31m\u009d0;c1\u009c\u009f" +
        "\u202a\u202b\u202c\u202d\u202egnp\u2066\u2067\u2068\u2069\u200e\u200f\u061c" +
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e" +
        "\rfake: over\b\b\b\nfake: line\r\nfake: line\u2028fake: line\u2029fake: line\v\f\t\0\u007f" +
        "\ue000\uffff\udb40\udc41z" + new string('\u0301', 300) + new string('\u0489', 300) + "end";

    /// <summary>The same as a word of a command line, which no system lets hold U+0000.</summary>
    public static string AsWord { get; } = All.Replace("\0", "", StringComparison.Ordinal);

    /// <summary>The same as JSON text that spells nothing out that it may leave as it is, with half a pair in it.</summary>
    public static string RawJson { get; } = "\"" + string.Concat(All.Select(c => c < ' ' || c is '"' or '\\' ? $"\\u{(int)c:x4}" : c.ToString())) + "\\ud800 \\udc00 half\"";

    /// <summary>Fails when a terminal would obey any of it.</summary>
    public static void AssertHarmless(string written, bool colour, string what, bool json = false)
    {
        var text = colour ? OwnCodes().Replace(written, "") : written;
        var marks = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var category = char.IsSurrogate(c) ? SurrogateCategory(text, ref i) : char.GetUnicodeCategory(c);
            Assert.False(
                c != '\n' && category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned && c != '\n',
                $"{what}: U+{(int)c:X4} at {i} of: {Shown(text, i)}");
            marks = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark ? marks + 1 : 0;
            Assert.True(marks <= MarksMax, $"{what}: masses of marks at {i} of: {Shown(text, i)}");
        }

        foreach (var line in text.Split('\n'))
        {
            Assert.False(line.TrimStart().StartsWith("fake", StringComparison.Ordinal), $"{what}: a line of its own: {line}");
            Assert.True(json || line.Length <= LineCharsMax, $"{what}: a line of {line.Length} characters");
        }
    }

    private static UnicodeCategory SurrogateCategory(string text, ref int at)
    {
        if (!Rune.TryGetRuneAt(text, at, out var rune)) return UnicodeCategory.Surrogate;
        at++;
        return Rune.GetUnicodeCategory(rune);
    }

    private static string Shown(string text, int at) =>
        string.Concat(text.AsSpan(Math.Max(0, at - 60), Math.Min(80, text.Length - Math.Max(0, at - 60))).ToArray().Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"<{(int)c:x4}>"));

    /// <summary>What the terminal itself writes; nothing of it is in <see cref="All"/>.</summary>
    [GeneratedRegex(@"\e\[(?:0|1|2|31|32|33|36)m|\r\e\[K")]
    private static partial Regex OwnCodes();
}
