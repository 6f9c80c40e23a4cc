using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The chain heads that no other delivered segment depends on: the tips of what the agent has, whose closure is all of it.
/// They become the dependencies of the agent's next segment, so a segment names few heads even among many agents.</summary>
internal sealed class Frontier(SegmentIndex index)
{
    private readonly SortedDictionary<ChainId, long> _tips = [];

    /// <summary>The tips, sorted by chain; of a forked chain one per line that nothing depends on.</summary>
    public IEnumerable<EventId> Tips => _tips.Select(tip => tip.Key[tip.Value]);

    /// <summary>Takes note of a delivered segment.</summary>
    public void Add(SegmentEntry segment)
    {
        foreach (var dependency in segment.Dependencies) Cover(dependency);
        if (segment.Chain.Branch > 0 && index.PredecessorOf(segment.Chain[segment.First]) is { } before) Cover(before);
        _tips[segment.Chain] = segment.Last;
    }

    private void Cover(EventId covered)
    {
        if (_tips.TryGetValue(covered.Chain, out var tip) && tip <= covered.Sequence) _tips.Remove(covered.Chain);
    }
}
