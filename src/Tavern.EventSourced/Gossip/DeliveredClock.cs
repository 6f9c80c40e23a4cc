using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What one agent has delivered and committed: per chain the head, its share of the fingerprint and the hops it
/// travelled; which entries changed since a position of the log; and the fingerprint of it all. Changing an entry and listing
/// the entries changed since a position cost what changed, not what is held.</summary>
internal sealed class DeliveredClock(Hash tavern)
{
    private readonly Dictionary<ChainId, Entry> _entries = [];
    private Entry? _newest;

    /// <summary>Sum of all terms.</summary>
    public UInt128 Fingerprint { get; private set; }

    /// <summary>Number of events in the agent's log.</summary>
    public long LogLength { get; private set; }

    /// <summary>Number of chains.</summary>
    public int Count => _entries.Count;

    /// <summary>Head of a chain, 0 when nothing of it was delivered.</summary>
    public long this[ChainId chain] => _entries.TryGetValue(chain, out var entry) ? entry.Sequence : 0;

    /// <summary>The claim this agent makes for a chain.</summary>
    public ClockClaim ClaimOf(ChainId chain) =>
        _entries.TryGetValue(chain, out var entry) ? new ClockClaim(chain, entry.Sequence, entry.Term) : new ClockClaim(chain, 0, 0);

    /// <summary>Exchanges between a delivered event's writer and this agent.</summary>
    public int HopOf(EventId id) => _entries[id.Chain].HopAt(id.Sequence);

    /// <summary>Raises a chain's head. Its new position counts as changed.</summary>
    public void Advance(ChainId chain, long sequence, Hash headHash, int hop)
    {
        if (!_entries.TryGetValue(chain, out var entry)) _entries.Add(chain, entry = new Entry(chain));
        else Unlink(entry);
        var term = Gossip.Fingerprint.Term(tavern, chain, sequence, headHash);
        unchecked
        {
            Fingerprint += term - entry.Term;
        }

        LogLength += sequence - entry.Sequence;
        entry.Advance(sequence, term, hop, LogLength);
        LinkNewest(entry);
    }

    /// <summary>Claims for chains that changed after a position of the log, newest first, at most <paramref name="max"/>.</summary>
    public IEnumerable<ClockClaim> ChangedSince(long position, int max)
    {
        for (var entry = _newest; entry is not null && entry.ChangedAt > position && max > 0; entry = entry.Older, max--)
            yield return new ClockClaim(entry.Chain, entry.Sequence, entry.Term);
    }

    /// <summary>Claims for all chains after <paramref name="after"/> (null: from the start), sorted by chain.</summary>
    public IEnumerable<ClockClaim> SortedAfter(ChainId? after) => _entries.Values
        .Where(entry => after is not { } bound || entry.Chain.CompareTo(bound) > 0)
        .OrderBy(entry => entry.Chain)
        .Select(entry => new ClockClaim(entry.Chain, entry.Sequence, entry.Term));

    /// <summary>The clock as people see it.</summary>
    public VectorClock ToVectorClock() => VectorClock.Of(_entries.Values.Select(entry => new ClockEntry(entry.Chain, entry.Sequence)));

    private void Unlink(Entry entry)
    {
        if (entry.Newer is null) _newest = entry.Older;
        else entry.Newer.Older = entry.Older;
        if (entry.Older is not null) entry.Older.Newer = entry.Newer;
    }

    private void LinkNewest(Entry entry)
    {
        entry.Newer = null;
        entry.Older = _newest;
        if (_newest is not null) _newest.Newer = entry;
        _newest = entry;
    }

    /// <summary>One chain. Entries form a list from the newest change to the oldest.</summary>
    private sealed class Entry(ChainId chain)
    {
        private readonly List<(long Last, int Hop)> _hops = [];

        public ChainId Chain { get; } = chain;

        public long Sequence { get; private set; }

        public UInt128 Term { get; private set; }

        public long ChangedAt { get; private set; }

        public Entry? Newer { get; set; }

        public Entry? Older { get; set; }

        public void Advance(long sequence, UInt128 term, int hop, long position)
        {
            (Sequence, Term, ChangedAt) = (sequence, term, position);
            if (_hops.Count > 0 && _hops[^1].Hop == hop) _hops[^1] = (sequence, hop);
            else _hops.Add((sequence, hop));
        }

        public int HopAt(long sequence)
        {
            var (low, high) = (0, _hops.Count - 1);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (_hops[middle].Last < sequence) low = middle + 1;
                else high = middle;
            }

            return _hops[low].Hop;
        }
    }
}
