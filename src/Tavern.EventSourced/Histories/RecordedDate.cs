using System.Globalization;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Causality;

namespace Tavern.EventSourced.Histories;

/// <summary>Takes a date of a log for a time only if it can mean nothing else: RFC 3339, or ISO 8601 with hyphens and colons, a full date and time with a zone. Whoever
/// completed a year or guessed a zone would invent a time that nobody recorded.</summary>
internal static partial class RecordedDate
{
    private const int FractionDigitsMax = 7; // what .NET reads; the rest is far below the milliseconds that are kept

    /// <summary>The time; unknown for anything else, and for what lies before 1970.</summary>
    /// <param name="text">As the file writes it; null for none.</param>
    public static HybridTime TimeOf(string? text)
    {
        if (text is null || Shape().Match(text) is not { Success: true } match) return default;
        var seconds = match.Groups["seconds"] is { Success: true } named ? named.Value : "00";
        var fraction = match.Groups["fraction"].Value;
        var zone = match.Groups["zone"].Value is "Z" or "z" ? "+00:00" : match.Groups["zone"].Value;
        if (zone.Length == 5) zone = zone.Insert(3, ":");
        else if (zone.Length == 3) zone += ":00";
        return DateTimeOffset.TryParseExact(
            $"{match.Groups["day"].Value}T{match.Groups["clock"].Value}:{seconds}.{fraction[..Math.Min(fraction.Length, FractionDigitsMax)].PadRight(FractionDigitsMax, '0')}{zone}",
            "yyyy-MM-dd'T'HH:mm:ss'.'fffffffzzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) && at.ToUnixTimeMilliseconds() > 0
            ? new HybridTime(at.ToUnixTimeMilliseconds(), 0)
            : default;
    }

    [GeneratedRegex(@"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<clock>[0-9]{2}:[0-9]{2})(?::(?<seconds>[0-9]{2})(?:[.,](?<fraction>[0-9]+))?)? ?(?<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
