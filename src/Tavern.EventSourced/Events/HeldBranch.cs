using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>One branch of a chain in a <see cref="SegmentIndex"/>; of a chain that has not forked, all of it.</summary>
/// <param name="id">The chain with the branch's number.</param>
/// <param name="first">Sequence of its first record.</param>
/// <param name="parent">The record before that one, on another branch; null when it starts at 1.</param>
internal sealed class HeldBranch(ChainId id, long first, EventId? parent)
{
    public ChainId Id { get; } = id;

    public long First { get; } = first;

    public EventId? Parent { get; } = parent;

    public ChunkedList<SegmentEntry> Segments { get; } = new();

    /// <summary>Of its records, from <see cref="First"/> on.</summary>
    public ChunkedList<Hash> Hashes { get; } = new();

    /// <summary>Sequence of its last record.</summary>
    public long Last => First - 1 + Hashes.Count;

    /// <summary>The hash of a record of this branch; null when it has none of that sequence.</summary>
    public Hash? HashAt(long sequence) => sequence >= First && sequence <= Last ? Hashes[(int)(sequence - First)] : null;

    /// <summary>The segment that holds a sequence; null when none does.</summary>
    public SegmentEntry? Find(long sequence)
    {
        if (sequence < First || sequence > Last) return null;
        var (low, high) = (0, Segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Segments[middle].Last < sequence) low = middle + 1;
            else high = middle;
        }

        return Segments[low];
    }
}
