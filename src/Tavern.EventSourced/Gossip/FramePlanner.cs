using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Chooses what goes into a frame: whole segments of the wanted ranges, shallowest first. Causal depth is a linear
/// extension of happens-before, so a receiver that lacks nothing else delivers them one by one (Bayou's prefix property), and a
/// deep, chatty chain does not starve shallow ones.</summary>
internal static class FramePlanner
{
    /// <summary>Segments for the wants within the budget (at least one when any is held), and what is left of the wants.</summary>
    public static (ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Left) Plan(
        IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered, int budgetBytes)
    {
        var queue = new PriorityQueue<SegmentEntry, (long Depth, ChainId Chain)>();
        var last = new Dictionary<ChainId, long>(wants.Count);
        foreach (var want in wants)
        {
            last[want.Chain] = Math.Min(want.Last, delivered[want.Chain]);
            Enqueue(want.Chain, want.First);
        }

        var segments = ImmutableArray.CreateBuilder<PlannedSegment>();
        var bytes = 0;
        while (queue.TryPeek(out var entry, out _))
        {
            if (segments.Count > 0 && bytes + entry.Bytes > budgetBytes) break;
            queue.Dequeue();
            segments.Add(new PlannedSegment(entry, delivered.HopOf(entry.Chain[entry.Last])));
            bytes += entry.Bytes;
            Enqueue(entry.Chain, entry.Last + 1);
        }

        return (segments.DrainToImmutable(), [.. queue.UnorderedItems
            .OrderBy(item => item.Priority)
            .Select(item => new Want(item.Element.Chain, item.Element.First, last[item.Element.Chain]))]);

        void Enqueue(ChainId chain, long first)
        {
            if (first <= last[chain] && index.TryGetSegment(chain[first], out var entry)) queue.Enqueue(entry, (entry.Depth, entry.Chain));
        }
    }
}
