using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The chain heads that no other delivered segment depends on: the tips of what the agent has, whose closure is all of it.
/// They become the dependencies of the agent's next segment, so a segment names few heads even among many agents.</summary>
internal sealed class Frontier
{
    private readonly SortedDictionary<ChainId, long> _tips = [];

    /// <summary>The tips, sorted by chain.</summary>
    public IEnumerable<EventId> Tips => _tips.Select(tip => tip.Key[tip.Value]);

    /// <summary>True when something other than the agent's own chain is among the tips.</summary>
    public bool HasForeign(ChainId own) => _tips.Count > 1 || (_tips.Count == 1 && !_tips.ContainsKey(own));

    /// <summary>Takes note of a delivered segment.</summary>
    public void Add(SegmentEntry segment)
    {
        foreach (var dependency in segment.Dependencies)
            if (_tips.TryGetValue(dependency.Chain, out var tip) && tip <= dependency.Sequence) _tips.Remove(dependency.Chain);
        _tips[segment.Chain] = segment.Last;
    }
}
