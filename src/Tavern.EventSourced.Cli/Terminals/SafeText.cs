using System.Globalization;
using System.Text;

namespace Tavern.EventSourced.Cli.Terminals;

/// <summary>Text from agents may hold anything. A terminal obeys control characters: none reaches it.</summary>
internal static class SafeText
{
    /// <summary>One line: tabs and line ends become a space; all other control characters, and marks that reorder or hide text, are
    /// removed.</summary>
    public static string OneLine(string text)
    {
        if (!NeedsWork(text)) return text;
        var safe = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsSurrogate(c))
            {
                if (i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]))
                {
                    if (CharUnicodeInfo.GetUnicodeCategory(text, i) is not UnicodeCategory.Format) safe.Append(c).Append(text[i + 1]);
                    i++;
                }
                else
                {
                    safe.Append('\uFFFD');
                }
            }
            else if (c is '\t' or '\n' or '\r' or '\u0085' or '\u2028' or '\u2029')
            {
                if (!(c == '\n' && i > 0 && text[i - 1] == '\r')) safe.Append(' ');
            }
            else if (!IsHarmful(c))
            {
                safe.Append(c);
            }
        }

        return safe.ToString();
    }

    private static bool NeedsWork(string text)
    {
        foreach (var c in text)
            if (c < ' ' || c >= 0x7f && (char.IsSurrogate(c) || IsHarmful(c) || c is '\u2028' or '\u2029')) return true;
        return false;
    }

    // Format covers the marks that reorder (U+202A..E, U+2066..9) and hide (zero width) text.
    private static bool IsHarmful(char c) => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format;
}
