using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>Writes the first segments of a tavern: the only records that nobody vouches for. The tavern's id is the hash of the
/// first of them, which holds the root's key.</summary>
public static class TavernFounder
{
    /// <summary>Segments of the root's chain from sequence 1.</summary>
    /// <param name="root">The root agent's key.</param>
    /// <param name="drafts">The first is a <see cref="TavernFounded"/>.</param>
    /// <param name="wall">When.</param>
    public static ImmutableArray<Segment> Write(IAgentSigner root, IReadOnlyList<EventDraft> drafts, DateTimeOffset wall)
    {
        if (drafts.Count == 0 || drafts[0].Type != nameof(TavernFounded))
            throw new ArgumentException($"A tavern starts with {nameof(TavernFounded)}.", nameof(drafts));
        var clock = new HybridLogicalClock();
        var chain = new ChainId(AgentId.FromPublicKey(root.PublicKey.Span), 1);
        return new ChainWriter(null, chain, root).Write(drafts, 0, default, [], [.. drafts.Select(_ => clock.Next(wall))]);
    }
}
