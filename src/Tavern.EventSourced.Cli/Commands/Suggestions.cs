namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Suggestions
{
    private const int DistanceMax = 2; // two slips of the finger; more and the guess is more often wrong than right

    /// <summary>The closest of the known words, or null when none is close.</summary>
    public static string? ClosestTo(string typed, IEnumerable<string> known)
    {
        var best = known
            .Select(word => (word, distance: Distance(typed, word)))
            .Where(candidate => candidate.distance <= Math.Min(DistanceMax, Math.Max(1, typed.Length / 2)))
            .OrderBy(candidate => candidate.distance)
            .ThenBy(candidate => candidate.word, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.word ?? known.Where(word => typed.Length >= 2 && word.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).FirstOrDefault();
    }

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
