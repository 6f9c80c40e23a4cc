using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>A segment as the events themselves show it.</summary>
/// <param name="First">First sequence.</param>
/// <param name="Last">Last sequence.</param>
/// <param name="Position">Of its first record.</param>
/// <param name="Dependencies">What it depends on besides its predecessor; empty when that cannot be read.</param>
/// <param name="Sound">True when every record of it and its signature hold.</param>
public sealed record CheckedSegment(long First, long Last, long Position, ImmutableArray<EventId> Dependencies, bool Sound);

/// <summary>What a check remembers of one chain: the hash of each record that holds, its segments, and which places are damaged.</summary>
public sealed class CheckedChain
{
    private readonly List<Hash> _hashes = [];
    private readonly List<CheckedSegment> _segments = [];
    private readonly SortedSet<long> _damaged = [];
    private readonly Dictionary<long, Hash> _otherHashes = [];
    private readonly Dictionary<long, long> _damagedPositions = [];
    private readonly Dictionary<long, StoredRow.Segment> _rows = [];
    private Hash _before;

    internal CheckedChain(ChainId id, long key) => (Id, Key) = (id, key);

    /// <summary>Which chain.</summary>
    public ChainId Id { get; }

    /// <summary>Its number in the store; 0 when it has no row.</summary>
    public long Key { get; internal set; }

    /// <summary>The lowest sequence: above 1 only on a branch, which leaves another line there.</summary>
    public long First { get; private set; } = 1;

    /// <summary>True when no record of it was found.</summary>
    public bool IsEmpty => _hashes.Count == 0;

    /// <summary>The record on another line that a branch's first one follows; null when there is none, or it is not held.</summary>
    public EventId? Leaves { get; internal set; }

    /// <summary>The highest sequence found, 0 for none.</summary>
    public long Head => First - 1 + _hashes.Count;

    /// <summary>Its segments, by sequence; those that could not be told apart are missing.</summary>
    public IReadOnlyList<CheckedSegment> Segments => _segments;

    /// <summary>Sequences whose records are missing or do not hold, up to <see cref="Head"/>.</summary>
    public IReadOnlySet<long> Damaged => _damaged;

    /// <summary>The highest sequence that any agent here has delivered; one below the first when none has.</summary>
    public long Delivered
    {
        get => Math.Max(field, First - 1);
        internal set;
    }

    /// <summary>The highest sequence that a row which agrees with its neighbours names: of the events, the segments or a log.</summary>
    public long Claimed { get; private set; }

    /// <summary>The hash of a record that is known for certain; null when the record is missing or in doubt.</summary>
    public Hash? HashOf(long sequence) => sequence >= First && sequence <= Head && !_otherHashes.ContainsKey(sequence) && !_hashes[(int)(sequence - First)].IsZero
        ? _hashes[(int)(sequence - First)]
        : null;

    /// <summary>Where a damaged record stands in the order of delivery; null when it is sound or has no row.</summary>
    public long? DamagedPositionOf(long sequence) => _damagedPositions.TryGetValue(sequence, out var position) ? position : null;

    /// <summary>The row that says where the segment with this end is, when its events are damaged or missing; null when there is none.</summary>
    public StoredRow.Segment? DamagedRowOf(long last) => _rows.GetValueOrDefault(last);

    /// <summary>The segment that holds a sequence; null when it could not be told.</summary>
    public CheckedSegment? Find(long sequence)
    {
        var (low, high) = (0, _segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_segments[middle].Last < sequence) low = middle + 1;
            else high = middle;
        }

        return _segments.Count > 0 && _segments[low].First <= sequence && _segments[low].Last >= sequence ? _segments[low] : null;
    }

    /// <summary>Ranges of damaged sequences.</summary>
    public IEnumerable<EventRange> DamagedRanges()
    {
        long first = 0, last = 0;
        foreach (var sequence in _damaged)
        {
            if (sequence == last + 1 && first > 0)
            {
                last = sequence;
                continue;
            }

            if (first > 0) yield return new EventRange(Id, first, last);
            (first, last) = (sequence, sequence);
        }

        if (first > 0) yield return new EventRange(Id, first, last);
    }

    /// <summary>Says where the line begins, and what its first record names as the hash before it. Nothing of it was taken yet.</summary>
    internal void BeginsAt(long sequence, Hash previous = default) => (First, _before) = (sequence, previous);

    /// <summary>The line begins lower than was seen: the records there are missing.</summary>
    internal void ReachesDownTo(long sequence)
    {
        _hashes.InsertRange(0, Enumerable.Repeat(default(Hash), (int)(First - sequence) - 1).Append(_before));
        MarkDamaged(sequence, First - 1);
        First = sequence;
    }

    /// <summary>Takes the next record. The two hashes differ when its header and its stored hash do not belong together.</summary>
    internal void Append(Hash stored, Hash computed)
    {
        _hashes.Add(stored);
        if (stored == computed) return;
        _otherHashes.Add(Head, computed);
        _damaged.Add(Head);
    }

    /// <summary>Leaves room for records that are missing below the next one.</summary>
    internal void Skip(long through)
    {
        while (Head < through)
        {
            _hashes.Add(default);
            _damaged.Add(Head);
        }
    }

    internal void MarkDamaged(long first, long last)
    {
        for (var sequence = first; sequence <= last; sequence++) _damaged.Add(sequence);
    }

    internal void StandsAt(long sequence, long position) => _damagedPositions[sequence] = position;

    internal void StandsAt(StoredRow.Segment row) => _rows[row.Last] = row;

    /// <summary>A row, though not of the events, names this sequence: so much of the chain there was.</summary>
    internal void Claim(long sequence) => Claimed = Math.Max(Claimed, sequence);

    internal void Add(CheckedSegment segment) => _segments.Add(segment);

    internal CheckedSegment Replace(CheckedSegment segment, CheckedSegment by) => _segments[_segments.IndexOf(segment)] = by;

    /// <summary>Whether a successor's previous hash fits the record in this place. It settles which of two hashes is the record's; null
    /// when there is nothing to compare with.</summary>
    internal bool? IsFollowedBy(Hash previous)
    {
        if (IsEmpty) return null;
        if (_hashes[^1].IsZero && !_otherHashes.ContainsKey(Head))
        {
            _hashes[^1] = previous; // the record is missing; its successor says which it was
            return null;
        }

        if (!_otherHashes.TryGetValue(Head, out var other)) return _hashes[^1] == previous;
        if (previous != _hashes[^1] && previous != other) return false;
        _hashes[^1] = previous;
        _otherHashes.Remove(Head);
        return true;
    }
}
