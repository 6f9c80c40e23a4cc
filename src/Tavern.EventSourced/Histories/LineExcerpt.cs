using System.Globalization;
using System.Text;

namespace Tavern.EventSourced.Histories;

/// <summary>What a message shows of a file: enough to recognise it, and nothing that a terminal would obey.</summary>
internal static class LineExcerpt
{
    private const int CharsMax = 80; // a line of a terminal

    /// <summary>The beginning, with <c>?</c> for what is not printed.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var excerpt = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (excerpt.Length + rune.Utf16SequenceLength > CharsMax) return excerpt.Append('…').ToString();
            excerpt.Append(IsPrinted(rune) ? rune.ToString() : rune.Value == '\t' ? " " : "?");
        }

        return excerpt.ToString();
    }

    private static bool IsPrinted(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
