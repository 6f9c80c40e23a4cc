using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What a node remembers of a segment it holds, without its bodies.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="First">First sequence.</param>
/// <param name="Last">Last sequence.</param>
/// <param name="Depth">Causal depth of the first record; the next records are one deeper each.</param>
/// <param name="Bytes">Headers and payloads together.</param>
public sealed record SegmentEntry(ChainId Chain, long First, long Last, long Depth, int Bytes)
{
    /// <summary>True once the signature at its end was checked here; lower ones are vouched for by a checked higher one.</summary>
    public bool Verified { get; set; }
}

/// <summary>All segments a node holds, and the hash of every record in them: shared by the agents it hosts, each of which sees of
/// it only what its own clock covers. About 40 bytes per event. One owner; not safe for concurrent use.</summary>
public sealed class SegmentIndex
{
    private readonly Dictionary<ChainId, Chain> _chains = [];

    /// <summary>Adds a segment whose causes are held. A segment that is held already is skipped.</summary>
    /// <exception cref="InvalidOperationException">It does not follow the chain's held end.</exception>
    public SegmentEntry Add(Segment segment, bool verified)
    {
        if (!_chains.TryGetValue(segment.Chain, out var chain)) _chains.Add(segment.Chain, chain = new Chain());
        if (chain.Find(segment.Last) is { } held)
        {
            held.Verified |= verified && held.Last == segment.Last;
            return held;
        }

        if (segment.First != chain.Hashes.Count + 1)
            throw new InvalidOperationException($"Segment {segment.Chain[segment.First]} does not follow the held end {chain.Hashes.Count} of its chain.");
        var depth = segment.First == 1 ? 1 : DepthOf(segment.Chain[segment.First - 1]) + 1;
        foreach (var dependency in segment.Dependencies) depth = Math.Max(depth, DepthOf(dependency) + 1);
        var entry = new SegmentEntry(segment.Chain, segment.First, segment.Last, depth, segment.Bytes) { Verified = verified };
        chain.Segments.Add(entry);
        foreach (var record in segment.Records) chain.Hashes.Add(record.Hash);
        return entry;
    }

    /// <summary>The highest sequence held of a chain, 0 when none is.</summary>
    public long HeadOf(ChainId chain) => _chains.TryGetValue(chain, out var held) ? held.Hashes.Count : 0;

    /// <summary>The hash of a held record.</summary>
    public bool TryGetHash(EventId id, out Hash hash)
    {
        hash = default;
        if (!_chains.TryGetValue(id.Chain, out var chain) || id.Sequence < 1 || id.Sequence > chain.Hashes.Count) return false;
        hash = chain.Hashes[(int)(id.Sequence - 1)];
        return true;
    }

    /// <summary>The segment that holds a sequence.</summary>
    public bool TryGetSegment(EventId id, [NotNullWhen(true)] out SegmentEntry? entry)
    {
        entry = _chains.TryGetValue(id.Chain, out var chain) ? chain.Find(id.Sequence) : null;
        return entry is not null;
    }

    /// <summary>Causal depth of a held record.</summary>
    public long DepthOf(EventId id) => TryGetSegment(id, out var entry)
        ? entry.Depth + (id.Sequence - entry.First)
        : throw new InvalidOperationException($"Event {id} is not held.");

    private sealed class Chain
    {
        public List<SegmentEntry> Segments { get; } = [];

        public List<Hash> Hashes { get; } = [];

        public SegmentEntry? Find(long sequence)
        {
            if (sequence < 1 || sequence > Hashes.Count) return null;
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
}
