using System.Diagnostics.CodeAnalysis;

namespace Tavern.EventSourced.Provenance;

/// <summary>Reads how people name points in history, the same on the command line, in URLs and in tools:
/// <code>
/// point := side [ ".." side | "..." side ]
/// side  := time | event { "," event } | observer "/" agent
/// event := agent [ "@" epoch ] [ [ "/" branch ] ":" sequence [ "#" 4 to 16 hexadecimal digits ] { "~" count | "^" [ which ] } ]
/// agent := 32 hexadecimal digits | name [ "~" 4 to 32 hexadecimal digits ]
/// time  := "-" number ( "s" | "m" | "h" | "d" ) | RFC 3339, seconds optional
/// </code>
/// It uses letters, digits and <c>_ - ~ : @ , / ^ . + #</c> only, and neither <c>~</c> nor <c>#</c> starts a word: bash passes all of that on
/// as it stands. Where a chain has forked, <c>/1</c> names a line by the number that the asked node gave it, and <c>#3f2a91c0</c> an event by the start of
/// its hash, which is the same everywhere. Directly after a name, <c>~</c> starts an id; after a sequence, it counts back. A name that starts with
/// <c>-</c>, or like a time, is typed as its id.</summary>
public static class PointSyntax
{
    /// <summary>Longest text, in characters: a cut of a thousand agents by id.</summary>
    public const int CharsMax = 64 * 1024;

    /// <summary>Reads a point.</summary>
    /// <exception cref="PointSyntaxException">The text is something else; the message names the column and what was expected.</exception>
    public static HistoryPoint Parse(string text)
    {
        if (text.Length > CharsMax) throw new PointSyntaxException(text, CharsMax + 1, $"the text exceeds {CharsMax} characters");
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) return new PointReader(text, 0, text.Length).ReadSide();
        var after = dots + 2 < text.Length && text[dots + 2] == '.' ? dots + 3 : dots + 2;
        var left = new PointReader(text, 0, dots).ReadSide();
        var right = new PointReader(text, after, text.Length).ReadSide();
        return after == dots + 3 ? new HistoryPoint.Apart(left, right) : new HistoryPoint.Range(left, right);
    }

    /// <summary>Reads a point; false, and why not, when the text is something else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HistoryPoint? point, [NotNullWhen(false)] out PointSyntaxException? error)
    {
        (point, error) = (null, null);
        try
        {
            point = Parse(text);
            return true;
        }
        catch (PointSyntaxException e)
        {
            error = e;
            return false;
        }
    }
}
