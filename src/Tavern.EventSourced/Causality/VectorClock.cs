using System.Collections.Immutable;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>One entry of a vector clock.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Sequence">The highest sequence of it that was delivered without a gap; at least 1. On a branch its events begin where it leaves
/// another line, which has the ones before.</param>
public readonly record struct ClockEntry(ChainId Chain, long Sequence);

/// <summary>Per chain, the highest sequence delivered without a gap. Immutable and kept sorted by chain; a chain that is
/// absent counts as 0. Sources: Fidge 1988, Mattern 1988.</summary>
public sealed class VectorClock : IEquatable<VectorClock>
{
    private readonly ImmutableArray<ClockEntry> _entries;

    private VectorClock(ImmutableArray<ClockEntry> entries) => _entries = entries;

    /// <summary>The clock of an agent that has delivered nothing.</summary>
    public static VectorClock Empty { get; } = new([]);

    /// <summary>The entries, sorted by chain, each at least 1.</summary>
    public ImmutableArray<ClockEntry> Entries => _entries;

    /// <summary>Number of chains with at least one event.</summary>
    public int Count => _entries.Length;

    /// <summary>The sequence for a chain, 0 when it is absent.</summary>
    public long this[ChainId chain]
    {
        get
        {
            var index = Find(chain);
            return index >= 0 ? _entries[index].Sequence : 0;
        }
    }

    /// <summary>Builds a clock; entries of 0 are dropped, of several for one chain the highest counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sequence is negative.</exception>
    public static VectorClock Of(IEnumerable<ClockEntry> entries)
    {
        var sorted = new SortedDictionary<ChainId, long>();
        foreach (var (chain, sequence) in entries)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(sequence);
            if (sequence > sorted.GetValueOrDefault(chain)) sorted[chain] = sequence;
        }

        return new VectorClock([.. sorted.Select(pair => new ClockEntry(pair.Key, pair.Value))]);
    }

    /// <summary>True when the event is below the clock.</summary>
    public bool Covers(EventId id) => this[id.Chain] >= id.Sequence;

    /// <summary>This clock with one chain raised to at least the given sequence.</summary>
    public VectorClock Advance(ChainId chain, long sequence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        var index = Find(chain);
        if (index >= 0)
            return _entries[index].Sequence >= sequence ? this : new VectorClock(_entries.SetItem(index, new ClockEntry(chain, sequence)));
        return sequence == 0 ? this : new VectorClock(_entries.Insert(~index, new ClockEntry(chain, sequence)));
    }

    /// <summary>The least clock that covers both.</summary>
    public VectorClock Merge(VectorClock other) => Combine(other, Math.Max);

    /// <summary>The greatest clock that both cover.</summary>
    public VectorClock Meet(VectorClock other) => Combine(other, Math.Min);

    /// <summary>Compares under happens-before, in one pass over both.</summary>
    public CausalOrder Compare(VectorClock other)
    {
        var (less, more) = (false, false);
        var (i, j) = (0, 0);
        while (i < _entries.Length || j < other._entries.Length)
        {
            var order = i == _entries.Length ? 1 : j == other._entries.Length ? -1 : _entries[i].Chain.CompareTo(other._entries[j].Chain);
            if (order < 0) { more = true; i++; }
            else if (order > 0) { less = true; j++; }
            else
            {
                less |= _entries[i].Sequence < other._entries[j].Sequence;
                more |= _entries[i++].Sequence > other._entries[j++].Sequence;
            }

            if (less && more) return CausalOrder.Concurrent;
        }

        return less ? CausalOrder.Before : more ? CausalOrder.After : CausalOrder.Equal;
    }

    /// <summary>True when both hold the same entries.</summary>
    public bool Equals(VectorClock? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VectorClock);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var entry in _entries) hash.Add(entry);
        return hash.ToHashCode();
    }

    /// <summary><c>agent=41;agent/1=6;agent@2=7</c>, sorted by chain; the empty text for the empty clock. Branches have the numbers of this
    /// node: <see cref="CanonicalCut"/> says the same for all.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in _entries)
        {
            if (text.Length > 0) text.Append(';');
            text.Append(entry.Chain).Append('=').Append(entry.Sequence);
        }

        return text.ToString();
    }

    private VectorClock Combine(VectorClock other, Func<long, long, long> choose)
    {
        var result = ImmutableArray.CreateBuilder<ClockEntry>(Math.Max(Count, other.Count));
        var (i, j) = (0, 0);
        while (i < _entries.Length || j < other._entries.Length)
        {
            var order = i == _entries.Length ? 1 : j == other._entries.Length ? -1 : _entries[i].Chain.CompareTo(other._entries[j].Chain);
            var chain = order <= 0 ? _entries[i].Chain : other._entries[j].Chain;
            var sequence = choose(order <= 0 ? _entries[i++].Sequence : 0, order >= 0 ? other._entries[j++].Sequence : 0);
            if (sequence > 0) result.Add(new ClockEntry(chain, sequence));
        }

        return new VectorClock(result.DrainToImmutable());
    }

    private int Find(ChainId chain)
    {
        var (low, high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _entries[middle].Chain.CompareTo(chain);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }
}
