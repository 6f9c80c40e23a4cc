using System.Globalization;
using System.Text;

namespace Tavern.EventSourced.Provenance;

/// <summary>Makes text that agents wrote safe to print: whoever writes an event must not steer the reader's terminal, hide what
/// stands beside it, or add lines that look like ours. The one place where it is decided what a terminal may be shown.</summary>
public static class TerminalText
{
    private const int MarksMax = 4; // in a row: as many as living scripts stack on a letter; hundreds cover the lines around them

    /// <summary>The text on one line. Tabs and line ends become a space each; half a surrogate pair becomes U+FFFD. Dropped are control
    /// characters (C0, DEL, C1), format characters (bidirectional overrides, zero-width, tags), private-use and unassigned characters, and
    /// more than 4 combining marks in a row. Doing it twice changes nothing more.</summary>
    /// <param name="text">Untrusted text.</param>
    /// <param name="charsMax">Longer text is cut and ends in "..."; 200 by default, at least 4.</param>
    public static string Plain(string text, int charsMax = 200)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(charsMax, 4);
        if (text.Length <= charsMax && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var plain = new StringBuilder(Math.Min(text.Length, charsMax));
        var (marks, afterReturn) = (0, false);
        foreach (var rune in text.EnumerateRunes()) // half a pair is enumerated as U+FFFD
        {
            if (IsBreak(rune))
            {
                if (!(rune.Value == '\n' && afterReturn)) plain.Append(' ');
                marks = 0;
            }
            else if (IsShown(rune))
            {
                marks = IsMark(rune) ? marks + 1 : 0;
                if (marks <= MarksMax) plain.Append(rune.ToString());
            }

            afterReturn = rune.Value == '\r';
            if (plain.Length > charsMax) return Cut(plain, charsMax - 3) + "...";
        }

        return plain.ToString();
    }

    /// <summary>JSON that may be shown: what <see cref="Plain"/> would drop is escaped, which inside strings, the only place where it can stand, means
    /// the same. Line ends stay: in JSON they stand between values only.</summary>
    /// <param name="json">Valid JSON.</param>
    public static string Json(string json)
    {
        if (IsShown(json)) return json;
        var safe = new StringBuilder(json.Length + 16);
        var marks = 0;
        foreach (var rune in json.EnumerateRunes())
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            if (rune.Value is '\n' || IsShown(rune) && marks <= MarksMax) safe.Append(rune.ToString());
            else if (rune.Value is '\r' or '\t') safe.Append(' ');
            else
                foreach (var unit in rune.ToString()) safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        }

        return safe.ToString();
    }

    /// <summary>True when a terminal may be shown all of it as it stands, line ends too not being in it.</summary>
    public static bool IsShown(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~')) return true;
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            if (!IsShown(rune) || marks > MarksMax) return false;
        }

        return true;
    }

    private static bool IsBreak(Rune rune) => rune.Value is '\n' or '\r' or '\t' or 0x85 or 0x2028 or 0x2029;

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark;

    private static string Cut(StringBuilder text, int length) =>
        text.ToString(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length);
}
