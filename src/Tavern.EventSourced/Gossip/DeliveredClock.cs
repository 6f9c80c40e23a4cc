using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What one agent has delivered and committed: per branch the head, its share of the fingerprint and the hops it
/// travelled; which entries changed since a position of the log; and the fingerprint of it all. Changing an entry and listing
/// the entries changed since a position cost what changed, not what is held. Claims and fingerprint are about tips: delivered records that no
/// delivered record of the same chain follows. So they do not depend on which number a branch has here.</summary>
internal sealed class DeliveredClock(ClockTerms terms)
{
    private readonly Dictionary<ChainId, Entry> _entries = [];
    private readonly Dictionary<ChainId, List<Entry>> _branched = []; // by main chain; only where there is more than the branch 0
    private Entry? _newest;

    /// <summary>Sum of the terms of all tips.</summary>
    public UInt128 Fingerprint { get; private set; }

    /// <summary>Number of events in the agent's log.</summary>
    public long LogLength { get; private set; }

    /// <summary>Number of branches.</summary>
    public int Count => _entries.Count;

    /// <summary>Head of a branch, 0 when nothing of it was delivered.</summary>
    public long this[ChainId chain] => _entries.TryGetValue(chain, out var entry) ? entry.Sequence : 0;

    /// <summary>True when this held record was delivered.</summary>
    public bool Has(EventId id) => this[id.Chain] >= id.Sequence;

    /// <summary>The claims this agent makes for a chain: one for each tip, sorted; "nothing" when it has nothing of it.</summary>
    public ImmutableArray<ClockClaim> ClaimsOf(ChainId chain)
    {
        if (_branched.TryGetValue(chain.Main, out var branches)) return [.. branches.Where(entry => entry.IsTip).Select(entry => entry.Claim).Order()];
        return _entries.TryGetValue(chain.Main, out var only) ? [only.Claim] : [new ClockClaim(chain.Main, 0, 0)];
    }

    /// <summary>Exchanges between a delivered event's writer and this agent.</summary>
    public int HopOf(EventId id) => _entries[id.Chain].HopAt(id.Sequence);

    /// <summary>Raises a branch's head. Its new position counts as changed.</summary>
    /// <param name="segment">What was delivered; it follows the branch's head.</param>
    /// <param name="predecessor">The record before it, null for a chain's first.</param>
    /// <param name="headHash">Hash of its last record.</param>
    /// <param name="hop">Exchanges between its writer and this agent.</param>
    public void Advance(SegmentEntry segment, EventId? predecessor, Hash headHash, int hop)
    {
        if (!_entries.TryGetValue(segment.Chain, out var entry)) entry = Begin(segment.Chain, predecessor);
        else Unlink(entry);
        var term = terms.Of(segment.Chain, segment.Last, headHash);
        unchecked
        {
            Fingerprint += term - (entry.IsTip ? entry.Term : 0);
        }

        LogLength += segment.Last - segment.First + 1;
        entry.Advance(segment.Last, term, hop, LogLength);
        LinkNewest(entry);
    }

    /// <summary>Claims for chains that changed after a position of the log, newest first, all of a chain together, or the 64 newest where there are more: a
    /// chain of many lines does not crowd out others. At most <paramref name="max"/>, so that the last chain may be cut short.</summary>
    public IEnumerable<ClockClaim> ChangedSince(long position, int max) => ChangedSince(position).Take(max);

    /// <summary>Claims for all tips after <paramref name="after"/> (null: from the start), sorted.</summary>
    public IEnumerable<ClockClaim> SortedAfter(ClockClaim? after) => _entries.Values
        .Where(entry => entry.IsTip && (after is not { } bound || entry.Claim.CompareTo(bound) > 0))
        .Select(entry => entry.Claim)
        .Order();

    /// <summary>The clock as people see it.</summary>
    public VectorClock ToVectorClock() => VectorClock.Of(_entries.Values.Select(entry => new ClockEntry(entry.Chain, entry.Sequence)));

    private IEnumerable<ClockClaim> ChangedSince(long position)
    {
        var named = new HashSet<ChainId>();
        for (var entry = _newest; entry is not null && entry.ChangedAt > position; entry = entry.Older)
        {
            if (!_branched.TryGetValue(entry.Chain.Main, out var branches)) yield return entry.Claim;
            else if (named.Add(entry.Chain.Main))
                foreach (var tip in branches.Where(branch => branch.IsTip).TakeLast(Want.LinesMax)) yield return tip.Claim;
        }
    }

    /// <summary>A branch begins. The head that it follows, if it is one, is a tip no more.</summary>
    private Entry Begin(ChainId chain, EventId? predecessor)
    {
        var entry = new Entry(chain);
        _entries.Add(chain, entry);
        var main = chain.Main;
        if (_branched.TryGetValue(main, out var branches)) branches.Add(entry);
        else if (chain != main) _branched.Add(main, _entries.TryGetValue(main, out var first) ? [first, entry] : [entry]);
        if (predecessor is not { } before || before.Chain == chain || !_entries.TryGetValue(before.Chain, out var parent) || parent.Sequence != before.Sequence || !parent.IsTip) return entry;
        unchecked
        {
            Fingerprint -= parent.Term;
        }

        parent.IsTip = false;
        return entry;
    }

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

    /// <summary>One branch. Entries form a list from the newest change to the oldest.</summary>
    private sealed class Entry(ChainId chain)
    {
        private readonly List<(long Last, int Hop)> _hops = [];

        public ChainId Chain { get; } = chain;

        public long Sequence { get; private set; }

        public UInt128 Term { get; private set; }

        public long ChangedAt { get; private set; }

        public bool IsTip { get; set; }

        public ClockClaim Claim => new(Chain.Main, Sequence, Term);

        public Entry? Newer { get; set; }

        public Entry? Older { get; set; }

        public void Advance(long sequence, UInt128 term, int hop, long position)
        {
            (Sequence, Term, ChangedAt, IsTip) = (sequence, term, position, true);
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
