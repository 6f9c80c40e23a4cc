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
        IReadOnlyList<Want> wants, SegmentIndex index, DeliveredClock delivered, ClaimComparison comparison, int budgetBytes)
    {
        var queue = new PriorityQueue<WantedLine, (long Depth, ChainId Chain)>();
        foreach (var want in wants)
            if (WantedLine.Of(want, index, delivered, comparison) is { } line) Enqueue(line);

        var segments = ImmutableArray.CreateBuilder<PlannedSegment>();
        var bytes = 0;
        while (queue.TryPeek(out var line, out _))
        {
            var entry = line.Next!;
            if (segments.Count > 0 && bytes + entry.Bytes > budgetBytes) break;
            queue.Dequeue();
            segments.Add(new PlannedSegment(entry, delivered.HopOf(entry.Chain[entry.Last])));
            bytes += entry.Bytes;
            line.Pass(entry);
            Enqueue(line);
        }

        return (segments.DrainToImmutable(), [.. queue.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element.Left)]);

        void Enqueue(WantedLine line)
        {
            if (line.Next is { } next) queue.Enqueue(line, (next.Depth, next.Chain));
        }
    }
}
