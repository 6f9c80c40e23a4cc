using System.Globalization;
using System.Text;

namespace Tavern.EventSourced.Provenance;

/// <summary>Makes text that agents wrote safe to print: whoever writes an event must not steer the reader's terminal, hide what
/// stands beside it, or add lines that look like ours.</summary>
public static class TerminalText
{
    /// <summary>The text on one line: line breaks and tabs become spaces; control characters (C0, DEL, C1), invisible format
    /// characters (bidirectional overrides, zero-width), line separators, private-use characters and broken surrogates are dropped.</summary>
    /// <param name="text">Untrusted text.</param>
    /// <param name="charsMax">Longer text is cut and ends in "..."; 200 by default, at least 4.</param>
    public static string Plain(string text, int charsMax = 200)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(charsMax, 4);
        var plain = new StringBuilder(Math.Min(text.Length, charsMax));
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsBreak(rune)) plain.Append(' ');
            else if (IsShown(rune)) plain.Append(rune.ToString());
            if (plain.Length > charsMax) return Cut(plain, charsMax - 3) + "...";
        }

        return plain.ToString();
    }

    private static bool IsBreak(Rune rune) => rune.Value is '\n' or '\r' or '\t' or 0x2028 or 0x2029;

    // A broken surrogate is enumerated as U+FFFD.
    private static bool IsShown(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);

    private static string Cut(StringBuilder text, int length) =>
        text.ToString(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
}
