using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What a want asks of the node that got it: the segments of one line of a chain, through all the branches on which it lies.</summary>
internal sealed class WantedLine
{
    private readonly SegmentIndex _index;
    private readonly Want _want;
    private long _next;

    private WantedLine(SegmentIndex index, Want want, EventId end, long first) => (_index, _want, End, _next) = (index, want, end, first);

    /// <summary>The line that a want is about, as far as it was delivered; null when nothing of it was.</summary>
    public static WantedLine? Of(Want want, SegmentIndex index, DeliveredClock delivered, ClaimComparison comparison)
    {
        EventId end;
        if (want.Term != 0)
        {
            if (comparison.Find(new ClockClaim(want.Chain, want.Last, want.Term)) is not { } meant || !delivered.Has(meant)) return null;
            end = meant;
        }
        else
        {
            var branches = index.BranchesOf(want.Chain).Where(branch => delivered[branch] > 0).ToList();
            if (branches.Count == 0) return null;
            var longest = branches.MaxBy(branch => Math.Min(delivered[branch], want.Last));
            end = index.OnLineOf(longest[delivered[longest]], Math.Min(delivered[longest], want.Last));
        }

        var first = want.First;
        foreach (var point in want.Points)
            if (point.Sequence < end.Sequence && point.Sequence >= first && index.Find(want.Chain[point.Sequence], point.Hash) is { } common && index.OnLineOf(end, point.Sequence) == common) first = point.Sequence + 1;
        return first <= end.Sequence ? new WantedLine(index, want, end, first) : null;
    }

    /// <summary>The last record to send.</summary>
    public EventId End { get; }

    /// <summary>What is left of the want.</summary>
    public Want Left => new(_want.Chain, _next, _want.Last, _want.Term);

    /// <summary>The next segment, null when there is no more.</summary>
    public SegmentEntry? Next => _next <= End.Sequence && _index.TryGetSegment(_index.OnLineOf(End, _next), out var entry) ? entry : null;

    /// <summary>True when this record is on the line and still to be sent.</summary>
    public bool HasYet(EventId id) => id.Sequence >= _next && id.Sequence <= End.Sequence && _index.OnLineOf(End, id.Sequence) == id;

    /// <summary>Goes on behind the next segment, or behind the part of it that lies on this line.</summary>
    public void Pass(SegmentEntry sent)
    {
        var reached = sent.Last;
        while (reached > _next && (reached > End.Sequence || _index.OnLineOf(End, reached).Chain != sent.Chain)) reached--;
        _next = reached + 1;
    }
}
