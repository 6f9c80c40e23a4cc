using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What a declared cause is worth. An author may name anything; only what it had heard of can have been its reason.</summary>
public enum CauseStanding
{
    /// <summary>It lies in the causal past of the event that declares it.</summary>
    Reason,

    /// <summary>It is not held here. A held event's past is held, so it is not in that past.</summary>
    Unknown,

    /// <summary>It is held, but its author had not heard of it when declaring it.</summary>
    NotBefore,
}

/// <summary>Judges declared causes.</summary>
public static class CauseStandings
{
    /// <summary>What <paramref name="cause"/> is worth to the held event that declares it.</summary>
    public static CauseStanding Of(CausalIndex events, EventId effect, EventId cause) =>
        !events.Contains(cause) ? CauseStanding.Unknown
        : events.HappensBefore(cause, effect) ? CauseStanding.Reason
        : CauseStanding.NotBefore;
}
