using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Consecutive events of one chain.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="First">First sequence, from 1.</param>
/// <param name="Last">Last sequence, at least <paramref name="First"/>.</param>
public readonly record struct EventRange(ChainId Chain, long First, long Last)
{
    /// <summary>Number of events.</summary>
    public long Count => Last - First + 1;

    /// <summary>True when the event is one of them.</summary>
    public bool Contains(EventId id) => id.Chain == Chain && id.Sequence >= First && id.Sequence <= Last;

    /// <summary>True when both ranges share an event.</summary>
    public bool Overlaps(EventRange other) => Chain == other.Chain && First <= other.Last && other.First <= Last;

    /// <summary>What a log with this clock lacks of its chain, or branch, up to and including an event that it does not cover.</summary>
    /// <param name="clock">The log's clock.</param>
    /// <param name="id">The event.</param>
    /// <param name="firstOf">The lowest sequence of a chain or branch: <see cref="CausalIndex.FirstOf"/>.</param>
    public static EventRange Missing(VectorClock clock, EventId id, Func<ChainId, long> firstOf) =>
        new(id.Chain, Math.Max(clock[id.Chain] + 1, firstOf(id.Chain)), id.Sequence);

    /// <summary>What <paramref name="clock"/> covers and <paramref name="other"/> does not, by chain and branch.</summary>
    public static ImmutableArray<EventRange> Difference(VectorClock clock, VectorClock other, Func<ChainId, long> firstOf) =>
        [.. clock.Entries.Where(entry => other[entry.Chain] < entry.Sequence).Select(entry => Missing(other, entry.Chain[entry.Sequence], firstOf))];
}
