using System.Globalization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Turns parts of answers into words.</summary>
internal static class Phrases
{
    /// <summary>"0.4 s", "9 s", "3 min", "5 h", "12 d".</summary>
    public static string Duration(long milliseconds) => milliseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 100 / 10.0:0.0} s"),
        < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1_000} s"),
        < 2 * 3_600_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000} min"),
        < 2 * 86_400_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 3_600_000} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 86_400_000} d"),
    };

    /// <summary>"9 s ago", "never".</summary>
    public static string Ago(DateTimeOffset? at, DateTimeOffset now) =>
        at is { } time ? $"{Duration(Math.Max(0, (long)(now - time).TotalMilliseconds))} ago" : "never";

    /// <summary>"next exchange in 0.8 s", "next exchange due now", "next exchange at an unknown time".</summary>
    public static string Next(DateTimeOffset? next, DateTimeOffset now) => next switch
    {
        null => "next exchange at an unknown time",
        { } at when at <= now => "next exchange due now",
        { } at => $"next exchange in {Duration((long)(at - now).TotalMilliseconds)}",
    };

    /// <summary>"9 s old", "of unknown age".</summary>
    public static string Age(long? milliseconds) => milliseconds is { } age ? $"{Duration(age)} old" : "of unknown age";

    /// <summary>"3 of 5", "at least 3 of 5; no answer from gimli".</summary>
    public static string Count(Heard heard, AgentNames names)
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{(heard.Exact ? "" : "at least ")}{heard.Holders.Length} of {heard.Total}");
        return heard.Unanswered.IsEmpty ? count : $"{count}; no answer from {names.Of(heard.Unanswered)}";
    }

    /// <summary>The value in capitals: it stands out, and a terminal cannot be steered by it. An event or an agent goes by its name.</summary>
    public static string Value(ShownBelief belief, AgentNames names) => EventId.TryParse(belief.Belief.Value, out var id) ? names.Of(id)
        : AgentId.TryParse(belief.Belief.Value, out var agent) ? names.Of(agent)
        : TerminalText.Plain(belief.Belief.Value, 60).ToUpperInvariant();

    /// <summary>" (claimed, not yet verified)", " (complete: verified by others)", or nothing.</summary>
    public static string Standing(ShownBelief belief) => belief.Standing switch
    {
        ClaimStanding.Claimed => " (claimed, not yet verified)",
        ClaimStanding.Complete => " (complete: verified by others)",
        _ => "",
    };
}
