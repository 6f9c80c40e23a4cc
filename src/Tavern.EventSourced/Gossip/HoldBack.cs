using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>How much is known of who wrote a segment.</summary>
internal enum Authorship
{
    /// <summary>Nobody vouches for the writer yet, so its key is not known.</summary>
    Unknown,

    /// <summary>A checked signature further up its chain vouches for it by hash.</summary>
    Vouched,

    /// <summary>The signature at its own end was checked.</summary>
    Signed,
}

/// <summary>A segment that arrived before something it needs.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Hop">Hops at the sender.</param>
/// <param name="Origin">The frame it came in.</param>
/// <param name="Missing">The first event it waits for; when nobody vouches for its writer yet, the segment's own first event.</param>
/// <param name="Voucher">Hash of the vouching event it waits for, in that case.</param>
/// <param name="Authorship">Whether it is surely its writer's.</param>
internal sealed record HeldSegment(Segment Segment, int Hop, FrameOrigin Origin, EventId Missing, Hash? Voucher, Authorship Authorship)
{
    /// <summary>Its first event.</summary>
    public EventId First => Segment.Chain[Segment.First];
}

/// <summary>Segments that wait for their dependencies, bounded in bytes. When it overflows, what was furthest from deliverable when
/// it came goes: it will be offered again. What is not surely its writer's holds no place: it gives way to whatever else comes,
/// and does not count as being here.</summary>
internal sealed class HoldBack(int bytesMax)
{
    private readonly SortedDictionary<EventId, HeldSegment> _held = [];
    private readonly Dictionary<ChainId, SortedSet<(long Missing, EventId First)>> _byChain = [];
    private readonly Dictionary<Hash, SortedSet<EventId>> _byVoucher = [];
    private readonly SortedSet<(long Distance, EventId First)> _byDistance = [];
    private readonly Dictionary<EventId, long> _distances = [];
    private int _bytes;

    /// <summary>Bytes that it has room for.</summary>
    public int Room => bytesMax - _bytes;

    /// <summary>What waits, by first event.</summary>
    public IEnumerable<HeldSegment> Segments => _held.Values;

    /// <summary>The sequence up to which a chain is here when what waits is counted, given its received head.</summary>
    public long ThroughOf(ChainId chain, long received)
    {
        if (_held.Count == 0) return received;
        while (_held.TryGetValue(chain[received + 1], out var next) && next.Authorship is not Authorship.Unknown) received = next.Segment.Last;
        return received;
    }

    /// <summary>Keeps a segment until what it misses is here; returns what had to go for it.</summary>
    public IReadOnlyList<HeldSegment> Hold(HeldSegment held, long distance)
    {
        if (_held.TryGetValue(held.First, out var before))
        {
            if (before.Authorship is not Authorship.Unknown) return [];
            Remove(before);
        }

        _held.Add(held.First, held);
        _distances.Add(held.First, distance);
        _byDistance.Add((distance, held.First));
        if (held.Voucher is { } voucher) SetOf(_byVoucher, voucher).Add(held.First);
        else SetOf(_byChain, held.Missing.Chain).Add((held.Missing.Sequence, held.First));
        _bytes += held.Segment.Bytes;
        if (_bytes <= bytesMax) return [];

        var dropped = new List<HeldSegment>();
        while (_bytes > bytesMax)
        {
            dropped.Add(_held[_byDistance.Max.First]);
            Remove(dropped[^1]);
        }

        return dropped;
    }

    /// <summary>Takes out what waits for this chain to reach at most <paramref name="head"/>.</summary>
    public IReadOnlyList<HeldSegment> TakeWaitingFor(ChainId chain, long head)
    {
        var taken = new List<HeldSegment>();
        while (_byChain.TryGetValue(chain, out var waiters) && waiters.Min is var next && next.Missing <= head)
        {
            taken.Add(_held[next.First]);
            Remove(taken[^1]);
        }

        return taken;
    }

    /// <summary>Takes out what waits for this vouching event.</summary>
    public IReadOnlyList<HeldSegment> TakeWaitingFor(Hash voucher)
    {
        var taken = new List<HeldSegment>();
        while (_byVoucher.TryGetValue(voucher, out var waiters))
        {
            taken.Add(_held[waiters.Min]);
            Remove(taken[^1]);
        }

        return taken;
    }

    private void Remove(HeldSegment held)
    {
        _held.Remove(held.First);
        _distances.Remove(held.First, out var distance);
        _byDistance.Remove((distance, held.First));
        _bytes -= held.Segment.Bytes;
        if (held.Voucher is { } voucher) RemoveFrom(_byVoucher, voucher, held.First);
        else RemoveFrom(_byChain, held.Missing.Chain, (held.Missing.Sequence, held.First));
    }

    private static SortedSet<T> SetOf<TKey, T>(Dictionary<TKey, SortedSet<T>> sets, TKey key) where TKey : notnull =>
        sets.TryGetValue(key, out var set) ? set : sets[key] = [];

    private static void RemoveFrom<TKey, T>(Dictionary<TKey, SortedSet<T>> sets, TKey key, T item) where TKey : notnull
    {
        var set = sets[key];
        set.Remove(item);
        if (set.Count == 0) sets.Remove(key);
    }
}
