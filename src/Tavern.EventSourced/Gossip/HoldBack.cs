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
/// <param name="MissingHash">The start of the hash of the record it waits for.</param>
/// <param name="Authorship">Whether it is surely its writer's.</param>
internal sealed record HeldSegment(Segment Segment, int Hop, FrameOrigin Origin, EventId Missing, UInt128 MissingHash, Authorship Authorship)
{
    /// <summary>Its first event.</summary>
    public EventId First => Segment.Chain[Segment.First];

    /// <summary>Its last event.</summary>
    public EventId Last => Segment.Chain[Segment.Last];

    /// <summary>Hash that its first record names as the one before it.</summary>
    public Hash Previous => Segment.Records[0].Header.Previous;

    /// <summary>Tells it from others that begin in the same place.</summary>
    public (EventId First, Hash Head) Key => (First, Segment.HeadHash);
}

/// <summary>Segments that wait for their predecessor or their dependencies, bounded in bytes; where a chain has forked, several in one place. When it
/// overflows, what is not surely its writer's goes first; then, of the writer of whom most waits, what was furthest from deliverable when it
/// came. So whoever floods it displaces nobody else, and what went will be offered again.</summary>
internal sealed class HoldBack(int bytesMax)
{
    private readonly SortedDictionary<(EventId First, Hash Head), HeldSegment> _held = [];
    private readonly Dictionary<UInt128, SortedSet<(EventId First, Hash Head)>> _byMissing = [];
    private readonly Dictionary<EventId, List<HeldSegment>> _byFirst = [];
    private readonly Dictionary<EventId, List<HeldSegment>> _byLast = [];
    private readonly SortedDictionary<AgentId, HeldShare> _shares = []; // what is not surely its writer's counts as one writer's: default
    private readonly Dictionary<(EventId First, Hash Head), long> _distances = [];
    private int _bytes;

    /// <summary>Bytes that it has room for.</summary>
    public int Room => bytesMax - _bytes;

    /// <summary>What waits, by first event.</summary>
    public IEnumerable<HeldSegment> Segments => _held.Values;

    /// <summary>True when nothing waits.</summary>
    public bool IsEmpty => _held.Count == 0;

    /// <summary>What waits, is surely its writer's and begins here.</summary>
    public IEnumerable<HeldSegment> StartingAt(EventId first) => Known(_byFirst, first);

    /// <summary>What waits, is surely its writer's and ends here.</summary>
    public IEnumerable<HeldSegment> EndingAt(EventId last) => Known(_byLast, last);

    /// <summary>Keeps a segment until what it misses is here; returns what had to go for it.</summary>
    public IReadOnlyList<HeldSegment> Hold(HeldSegment held, long distance)
    {
        if (_held.TryGetValue(held.Key, out var before))
        {
            if (before.Authorship is not Authorship.Unknown) return [];
            Remove(before);
        }

        _held.Add(held.Key, held);
        _distances.Add(held.Key, distance);
        SetOf(_byMissing, held.MissingHash).Add(held.Key);
        ListOf(_byFirst, held.First).Add(held);
        ListOf(_byLast, held.Last).Add(held);
        var share = ShareOf(held);
        share.ByDistance.Add((distance, held.Key));
        share.Bytes += held.Segment.Bytes;
        _bytes += held.Segment.Bytes;
        if (_bytes <= bytesMax) return [];

        var dropped = new List<HeldSegment>();
        while (_bytes > bytesMax)
        {
            var largest = _shares.TryGetValue(default, out var unsure) ? unsure : _shares.Values.MaxBy(one => one.Bytes)!;
            dropped.Add(_held[largest.ByDistance.Max.Key]);
            Remove(dropped[^1]);
        }

        return dropped;
    }

    /// <summary>Takes out what waits for the record whose hash starts so.</summary>
    public IReadOnlyList<HeldSegment> TakeWaitingFor(UInt128 hash)
    {
        if (!_byMissing.TryGetValue(hash, out var waiters)) return [];
        var taken = waiters.Select(key => _held[key]).ToList();
        foreach (var held in taken) Remove(held);
        return taken;
    }

    private void Remove(HeldSegment held)
    {
        _held.Remove(held.Key);
        _distances.Remove(held.Key, out var distance);
        _bytes -= held.Segment.Bytes;
        var waiters = _byMissing[held.MissingHash];
        waiters.Remove(held.Key);
        if (waiters.Count == 0) _byMissing.Remove(held.MissingHash);
        RemoveFrom(_byFirst, held.First, held);
        RemoveFrom(_byLast, held.Last, held);
        var share = ShareOf(held);
        share.ByDistance.Remove((distance, held.Key));
        share.Bytes -= held.Segment.Bytes;
        if (share.ByDistance.Count == 0) _shares.Remove(Sharer(held));
    }

    private static AgentId Sharer(HeldSegment held) => held.Authorship is Authorship.Unknown ? default : held.First.Agent;

    private HeldShare ShareOf(HeldSegment held)
    {
        if (!_shares.TryGetValue(Sharer(held), out var share)) _shares.Add(Sharer(held), share = new HeldShare());
        return share;
    }

    private static IEnumerable<HeldSegment> Known(Dictionary<EventId, List<HeldSegment>> places, EventId place) =>
        places.TryGetValue(place, out var held) ? held.Where(one => one.Authorship is not Authorship.Unknown) : [];

    private static SortedSet<T> SetOf<TKey, T>(Dictionary<TKey, SortedSet<T>> sets, TKey key) where TKey : notnull =>
        sets.TryGetValue(key, out var set) ? set : sets[key] = [];

    private static List<HeldSegment> ListOf(Dictionary<EventId, List<HeldSegment>> places, EventId place) =>
        places.TryGetValue(place, out var list) ? list : places[place] = [];

    private static void RemoveFrom(Dictionary<EventId, List<HeldSegment>> places, EventId place, HeldSegment held)
    {
        var list = places[place];
        list.Remove(held);
        if (list.Count == 0) places.Remove(place);
    }

    /// <summary>What waits of one writer.</summary>
    private sealed class HeldShare
    {
        public SortedSet<(long Distance, (EventId First, Hash Head) Key)> ByDistance { get; } = [];

        public int Bytes { get; set; }
    }
}
