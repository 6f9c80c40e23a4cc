using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What a node remembers of a segment it holds, without its bodies.</summary>
public sealed class SegmentEntry
{
    private readonly HeldBranch _branch;
    private readonly HeldHead[] _dependencies;

    /// <summary>Takes note of a segment that is added to a branch.</summary>
    internal SegmentEntry(HeldBranch branch, Segment segment, long depth, ImmutableArray<EventId> dependencies, Func<ChainId, HeldBranch> find)
    {
        (_branch, First, Last, Depth, Bytes) = (branch, segment.First, segment.Last, depth, segment.Bytes);
        _dependencies = dependencies.IsEmpty ? [] : [.. dependencies.Select(head => new HeldHead(find(head.Chain), checked((int)head.Sequence)))];
    }

    /// <summary>Its chain.</summary>
    public ChainId Chain => _branch.Id;

    /// <summary>First sequence.</summary>
    public long First { get; }

    /// <summary>Last sequence.</summary>
    public long Last { get; }

    /// <summary>Causal depth of the first record; the next records are one deeper each.</summary>
    public long Depth { get; }

    /// <summary>Headers and payloads together.</summary>
    public int Bytes { get; }

    /// <summary>What the first record depends on besides its predecessor; for a chain's first record the event that vouches for it is among
    /// them. A new array each time: what is kept has half the size.</summary>
    public ImmutableArray<EventId> Dependencies => [.. _dependencies.Select(head => head.Branch.Id[head.Sequence])];

    /// <summary>True once the signature at its end was checked here; lower ones are vouched for by a checked higher one.</summary>
    public bool Verified { get; set; }

    /// <summary>True when its writer announced in it where it can be reached.</summary>
    public bool AnnouncesEndpoint { get; init; }

    /// <summary>An event that is held, by its branch: 16 bytes where its id has 32. A branch holds fewer than 2^31 events.</summary>
    private readonly record struct HeldHead(HeldBranch Branch, int Sequence);
}
