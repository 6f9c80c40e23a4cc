namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Suggestions
{
    private const int DistanceMax = 2; // two slips of the finger; more and the guess is more often wrong than right

    /// <summary>The known words that are closest, all of those that are as close as each other, in order; when none is within two slips, those that begin
    /// so. Empty when there are none.</summary>
    public static IReadOnlyList<string> ClosestTo(string typed, IEnumerable<string> known)
    {
        var words = known.Distinct().Order(StringComparer.Ordinal).ToList();
        var near = words.Select(word => (Word: word, Slips: Distance(typed, word))).Where(candidate => candidate.Slips <= Math.Min(DistanceMax, Math.Max(1, typed.Length / 2))).ToList();
        return near.Count > 0
            ? [.. near.Where(candidate => candidate.Slips == near.Min(other => other.Slips)).Select(candidate => candidate.Word)]
            : [.. words.Where(word => typed.Length >= 2 && word.StartsWith(typed, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>The same as words for a person, such as <c>state or status, perhaps</c>; null when none is close.</summary>
    public static string? Of(string typed, IEnumerable<string> known) => ClosestTo(typed, known) is { Count: > 0 } close ? $"{string.Join(" or ", close)}, perhaps" : null;

    /// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, upper and lower case alike.
    /// Source: Damerau 1964; Wagner and Fischer 1974.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > DistanceMax) return int.MaxValue;
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                var least = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) least = Math.Min(least, rows[i - 2, j - 2] + 1);
                rows[i, j] = least;
            }

        return rows[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
