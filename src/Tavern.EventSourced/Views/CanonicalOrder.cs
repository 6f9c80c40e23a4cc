using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Ids of delivered events in canonical order: causal depth, agent, epoch, sequence. It is a linear extension of
/// happens-before that does not depend on the order of delivery. Only two lines of a forked chain may tie; those stand in the order of this
/// node's branch numbers, and no fold is given either. 12 bytes per event.</summary>
internal sealed class CanonicalOrder(CausalIndex causality)
{
    private readonly Dictionary<ChainId, int> _numbers = [];
    private readonly List<ChainId> _chains = [];
    private readonly ChunkedList<Key> _ordered = new();
    private readonly List<Key> _late = [];

    /// <summary>Number of events.</summary>
    public int Count => _ordered.Count + _late.Count;

    /// <summary>The event at a position from 0. Call <see cref="Merge"/> first.</summary>
    public EventId this[int position]
    {
        get
        {
            var key = _ordered[position];
            return _chains[key.Chain][key.Sequence];
        }
    }

    /// <summary>Causal depth of the event at a position.</summary>
    public long DepthAt(int position) => _ordered[position].Depth;

    /// <summary>Takes note of an event that is in the causal index. Constant time; an event that belongs further down is put there by
    /// the next <see cref="Merge"/>.</summary>
    public void Add(EventId id)
    {
        var key = KeyOf(id);
        if (_ordered.Count == 0 || Compare(_ordered[_ordered.Count - 1], key) < 0) _ordered.Add(key);
        else _late.Add(key);
    }

    /// <summary>Puts late events into their places. Returns the first position that changed; <see cref="Count"/> when none did.</summary>
    public int Merge()
    {
        if (_late.Count == 0) return _ordered.Count;
        _late.Sort(Compare);
        var first = PositionOf(_late[0]);
        var (read, write) = (_ordered.Count - 1, Count - 1);
        _ordered.Grow(Count);
        for (var late = _late.Count - 1; late >= 0; write--)
            _ordered[write] = read >= first && Compare(_ordered[read], _late[late]) > 0 ? _ordered[read--] : _late[late--];
        _late.Clear();
        _late.TrimExcess(); // while nobody looks at a view, most of the log may have waited here
        return first;
    }

    /// <summary>The position of an event, or the one it would have.</summary>
    public int PositionOf(EventId id) => PositionOf(KeyOf(id));

    /// <summary>The events below a clock, and the number of leading positions they share with these.</summary>
    public (CanonicalOrder Order, int Shared) Within(VectorClock cut)
    {
        var within = new CanonicalOrder(causality);
        foreach (var chain in _chains) within.NumberOf(chain);
        long[] limits = [.. _chains.Select(chain => cut[chain])];
        var shared = -1;
        for (var i = 0; i < _ordered.Count; i++)
        {
            if (_ordered[i].Sequence <= limits[_ordered[i].Chain]) within._ordered.Add(_ordered[i]);
            else if (shared < 0) shared = i;
        }

        return (within, shared < 0 ? _ordered.Count : shared);
    }

    private int PositionOf(Key key)
    {
        var (low, high) = (0, _ordered.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Compare(_ordered[middle], key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private Key KeyOf(EventId id) => new(checked((int)causality.DepthOf(id)), checked((int)id.Sequence), NumberOf(id.Chain));

    private int NumberOf(ChainId chain)
    {
        if (_numbers.TryGetValue(chain, out var number)) return number;
        number = _chains.Count;
        _chains.Add(chain);
        _numbers.Add(chain, number);
        return number;
    }

    private int Compare(Key a, Key b)
    {
        var order = a.Depth.CompareTo(b.Depth);
        if (order == 0 && a.Chain != b.Chain) order = _chains[a.Chain].CompareTo(_chains[b.Chain]);
        return order != 0 ? order : a.Sequence.CompareTo(b.Sequence);
    }

    private readonly record struct Key(int Depth, int Sequence, int Chain);
}
