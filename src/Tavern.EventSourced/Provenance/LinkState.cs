using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>How exchanges with one peer stand.</summary>
public enum LinkCondition
{
    /// <summary>The last exchange succeeded, or none was tried yet.</summary>
    Working,

    /// <summary>The peer did not answer the last time.</summary>
    Unreachable,

    /// <summary>The peer refused because its gossip is paused.</summary>
    Paused,

    /// <summary>The peer refused because it has too much to do.</summary>
    Busy,
}

/// <summary>What an agent knows of its exchanges with one peer: why news from there does, or does not, arrive.</summary>
/// <param name="Peer">The other agent.</param>
/// <param name="Condition">How the last attempt ended.</param>
/// <param name="LastSuccess">End of the last exchange that succeeded, by the reporting agent's clock; null for never.</param>
/// <param name="Failure">The receipt of the failures since then; null when there are none.</param>
public sealed record LinkState(AgentId Peer, LinkCondition Condition, DateTimeOffset? LastSuccess = null, Receipt? Failure = null)
{
    /// <summary>Ranges that were asked from this peer and have not arrived yet; none by default.</summary>
    public ImmutableArray<EventRange> Awaited { get => field.IsDefault ? [] : field; init; } // absent from JSON means none
}
