using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Finds what to ask for to get what a peer claims. While nothing speaks of a fork that is a plain range above what is here. Otherwise the
/// want names its last record by its term, and points of what is here, so that the holder finds where the lines part.</summary>
internal sealed class WantPlanner(ClockTerms terms, SegmentIndex index, SegmentIntake intake, HoldBack holdBack, ClaimComparison comparison)
{
    /// <summary>What to ask for; null when all of it is here, or waits for something that is not of this chain.</summary>
    /// <param name="claim">A tip that a peer claims.</param>
    /// <param name="isOnly">True when the peer claims no other tip of the chain.</param>
    public Want? For(ClockClaim claim, bool isOnly)
    {
        if (comparison.Find(claim) is { } held && intake.Has(held)) return null;
        var (last, term) = (claim.Sequence, claim.Term);
        while (WaitsAt(claim.Chain, last, term) is { } waiting)
        {
            if (waiting.Segment.First == 1 || waiting.MissingHash != waiting.Previous.Prefix) return null;
            last = waiting.Segment.First - 1;
            term = terms.Of(claim.Chain, last, waiting.Previous);
        }

        var tips = intake.TipsOf(claim.Chain);
        if (isOnly && tips.Count <= 1 && Through(claim.Chain, tips) is var through && through < last) return new Want(claim.Chain, through + 1, last);
        return new Want(claim.Chain, 1, last, term) { Points = PointsBelow(last, tips) };
    }

    /// <summary>What waits and ends in this record; null when nothing does.</summary>
    private HeldSegment? WaitsAt(ChainId chain, long sequence, UInt128 term) =>
        holdBack.EndingAt(chain[sequence]).FirstOrDefault(held => terms.Of(chain, sequence, held.Segment.HeadHash) == term);

    /// <summary>The sequence up to which a chain is here when what waits and follows is counted.</summary>
    private long Through(ChainId chain, List<EventId> tips)
    {
        var through = tips is [var tip] ? tip.Sequence : 0;
        Hash? head = tips is [var one] && index.TryGetHash(one, out var hash) ? hash : null;
        while (holdBack.StartingAt(chain[through + 1]).FirstOrDefault(held => head is null || held.Previous == head) is { } next)
            (through, head) = (next.Segment.Last, next.Segment.HeadHash);
        return through;
    }

    /// <summary>Of each line that is here its end, and records below it at distances that double.</summary>
    private ImmutableArray<HeldPoint> PointsBelow(long last, List<EventId> tips)
    {
        var points = new SortedSet<(long Sequence, UInt128 Hash)>();
        var perTip = Math.Max(2, Want.PointsMax / Math.Max(1, tips.Count));
        foreach (var tip in tips)
        {
            var (at, count) = (tip, 0);
            var top = Math.Min(tip.Sequence, last - 1);
            for (long distance = 0; distance < top && count < perTip; distance = distance * 2 + 1, count++)
            {
                at = index.OnLineOf(at, top - distance);
                if (index.TryGetHash(at, out var hash)) points.Add((at.Sequence, hash.Prefix));
            }
        }

        return [.. points.Reverse().Take(Want.PointsMax).Select(point => new HeldPoint(point.Sequence, point.Hash))];
    }
}
