using System.Globalization;

namespace Tavern.EventSourced.Provenance;

/// <summary>Reads the times in points.</summary>
internal static class PointTime
{
    private const int AgoDigitsMax = 7; // 9,999,999 days are more than any history

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>True when the text starts like a date with a time of day.</summary>
    public static bool IsTime(ReadOnlySpan<char> text)
    {
        const string Shape = "0000-00-00T00:00";
        if (text.Length < Shape.Length) return false;
        for (var i = 0; i < Shape.Length; i++)
            if (Shape[i] == '0' ? !char.IsAsciiDigit(text[i]) : char.ToUpperInvariant(text[i]) != Shape[i]) return false;
        return true;
    }

    /// <summary>Reads <c>-5m</c>.</summary>
    public static HistoryPoint.Ago ReadAgo(string text, int start, int end)
    {
        var unit = start + 1;
        while (unit < end && char.IsAsciiDigit(text[unit])) unit++;
        var digits = text.AsSpan(start + 1, unit - start - 1);
        if (digits.Length is 0 or > AgoDigitsMax || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            throw new PointSyntaxException(text, start + 2, $"a number from 1 with at most {AgoDigitsMax} digits is expected, as in -5m");
        TimeSpan? age = unit == end ? null : text[unit] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
        if (age is not { } known) throw new PointSyntaxException(text, unit + 1, "a unit is expected: s, m, h or d");
        return unit + 1 == end ? new HistoryPoint.Ago(known) : throw new PointSyntaxException(text, unit + 2, "the end is expected after the unit");
    }

    /// <summary>Reads an RFC 3339 time; the seconds may be left out.</summary>
    public static HistoryPoint.At ReadTime(string text, int start, int end)
    {
        var time = text[start..end].ToUpperInvariant();
        if (time.EndsWith('Z')) time = time[..^1] + "+00:00";
        return DateTimeOffset.TryParseExact(time, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? new HistoryPoint.At(at)
            : throw new PointSyntaxException(text, start + 1, "a time with its zone is expected, as in 2026-11-22T09:14Z or 2026-11-22T09:14:05+01:00");
    }
}
