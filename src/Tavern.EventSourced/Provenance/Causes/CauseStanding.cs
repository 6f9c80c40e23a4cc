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

    /// <summary>Its writer's chain has forked, and two events of that agent, epoch and sequence lie in the past of the one that declares it.</summary>
    Ambiguous,
}

/// <summary>Judges declared causes.</summary>
public static class CauseStandings
{
    /// <summary>Which event is meant by a cause that names it by agent, epoch and sequence, and what it is worth to the held event that declares it. The
    /// event is the one in the past of the latter, whatever branch it is on; where there is none, the cause as it was named.</summary>
    public static (EventId Event, CauseStanding Standing) Of(CausalIndex events, EventId effect, EventId cause)
    {
        if (events.Meant(effect, cause) is { } meant) return (meant, CauseStanding.Reason);
        List<EventId> held = [.. events.BranchesOf(cause.Chain).Select(branch => branch[cause.Sequence]).Where(events.Contains)];
        return (cause.Main, held.Count == 0 ? CauseStanding.Unknown
            : held.Count(id => events.HappensBefore(id, effect)) > 1 ? CauseStanding.Ambiguous
            : CauseStanding.NotBefore);
    }
}
