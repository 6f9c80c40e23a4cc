using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>A segment that arrived before something it needs.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Hop">Hops at the sender.</param>
/// <param name="Origin">The frame it came in.</param>
/// <param name="Missing">The first event it waits for; when nobody vouches for its writer yet, the segment's own first event.</param>
/// <param name="Voucher">Hash of the vouching event it waits for, in that case.</param>
internal sealed record HeldSegment(Segment Segment, int Hop, FrameOrigin Origin, EventId Missing, Hash? Voucher);

/// <summary>Segments that wait for their dependencies, bounded in bytes. When it overflows, what is furthest from deliverable goes:
/// it will be offered again.</summary>
internal sealed class HoldBack(int bytesMax)
{
    private readonly SortedDictionary<EventId, HeldSegment> _held = [];
    private readonly Dictionary<ChainId, List<HeldSegment>> _byChain = [];
    private readonly Dictionary<Hash, List<HeldSegment>> _byVoucher = [];
    private int _bytes;

    /// <summary>What waits, by first event.</summary>
    public IEnumerable<HeldSegment> Segments => _held.Values;

    /// <summary>True when a segment with this first event waits.</summary>
    public bool Contains(EventId first) => _held.ContainsKey(first);

    /// <summary>The sequence up to which a chain is here when what waits is counted, given its received head.</summary>
    public long ThroughOf(ChainId chain, long received)
    {
        if (_held.Count == 0) return received;
        while (_held.TryGetValue(chain[received + 1], out var next)) received = next.Segment.Last;
        return received;
    }

    /// <summary>Keeps a segment until what it misses is here.</summary>
    public void Hold(HeldSegment held, Func<ChainId, long> headOf)
    {
        if (!_held.TryAdd(held.Segment.Chain[held.Segment.First], held)) return;
        Waiters(held).Add(held);
        _bytes += held.Segment.Bytes;
        while (_bytes > bytesMax) Drop(headOf);
    }

    /// <summary>Takes out what waits for this chain to reach at most <paramref name="head"/>.</summary>
    public IReadOnlyList<HeldSegment> TakeWaitingFor(ChainId chain, long head) =>
        _byChain.TryGetValue(chain, out var waiters) ? Take([.. waiters.Where(held => held.Missing.Sequence <= head)]) : [];

    /// <summary>Takes out what waits for this vouching event.</summary>
    public IReadOnlyList<HeldSegment> TakeWaitingFor(Hash voucher) =>
        _byVoucher.TryGetValue(voucher, out var waiters) ? Take([.. waiters]) : [];

    private List<HeldSegment> Take(List<HeldSegment> taken)
    {
        foreach (var held in taken) Remove(held);
        return taken;
    }

    private void Drop(Func<ChainId, long> headOf)
    {
        var furthest = _held.Values.MaxBy(held => held.Segment.First - headOf(held.Segment.Chain));
        Remove(furthest!);
    }

    private void Remove(HeldSegment held)
    {
        _held.Remove(held.Segment.Chain[held.Segment.First]);
        _bytes -= held.Segment.Bytes;
        var waiters = Waiters(held);
        waiters.Remove(held);
        if (waiters.Count > 0) return;
        if (held.Voucher is { } voucher) _byVoucher.Remove(voucher);
        else _byChain.Remove(held.Missing.Chain);
    }

    private List<HeldSegment> Waiters(HeldSegment held)
    {
        if (held.Voucher is { } voucher)
            return _byVoucher.TryGetValue(voucher, out var byVoucher) ? byVoucher : _byVoucher[voucher] = [];
        return _byChain.TryGetValue(held.Missing.Chain, out var byChain) ? byChain : _byChain[held.Missing.Chain] = [];
    }
}
