using System.Globalization;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Durations and times as people read them.</summary>
internal static class Ages
{
    private const string Unknown = "UNKNOWN";

    /// <summary>E.g. <c>40 ms</c>, <c>9 s</c>, <c>12 min</c>, <c>5 h</c>, <c>3 days</c>; <c>?</c> when it is not known.</summary>
    public static string Of(double? seconds) => seconds switch
    {
        null => "?",
        < 1 => Text(seconds.Value * 1000, "ms"),
        < 120 => Text(seconds.Value, "s"),
        < 2 * 3600 => Text(seconds.Value / 60, "min"),
        < 2 * 86400 => Text(seconds.Value / 3600, "h"),
        _ => Text(seconds.Value / 86400, "days"),
    };

    /// <summary>E.g. <c>9 s ago</c>; empty when it is not known.</summary>
    public static string Ago(double? seconds) => seconds is null ? "" : Of(seconds) + " ago";

    /// <summary>UTC to the millisecond, e.g. <c>09:14:03.120</c>; <c>UNKNOWN</c> where no time was recorded.</summary>
    public static string Clock(DateTimeOffset? at) => at is null ? Unknown : at.Value.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>UTC to the second, e.g. <c>2026-11-22 09:14:03Z</c>; <c>UNKNOWN</c> where no time was recorded.</summary>
    public static string Date(DateTimeOffset? at) => at is null ? Unknown : at.Value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value):0} {unit}");
}
