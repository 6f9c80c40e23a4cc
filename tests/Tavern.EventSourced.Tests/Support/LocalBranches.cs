using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Gives the lines of forked chains their numbers as a node does: in the order in which it comes to hold them. Goes by bytes alone.</summary>
public sealed class LocalBranches
{
    private readonly Dictionary<UInt128, EventId> _ids = [];
    private readonly Dictionary<ChainId, long> _heads = [];
    private readonly Dictionary<ChainId, int> _counts = [];

    /// <summary>The placed records.</summary>
    public Dictionary<EventId, EventRecord> Records { get; } = [];

    public EventRecord Read(EventId id) => Records[id];

    /// <summary>Where this node has a record.</summary>
    public EventId IdOf(Hash hash) => _ids[hash.Prefix];

    /// <summary>The segment in its branch; all that it follows and depends on was placed before it.</summary>
    public Segment Place(Segment segment)
    {
        var main = segment.Chain.Main;
        var chain = segment.First == 1 ? main : _ids[segment.Records[0].Header.Previous.Prefix].Chain;
        if (_heads.GetValueOrDefault(chain) != segment.First - 1) chain = main with { Branch = _counts[main] };
        _counts[main] = Math.Max(_counts.GetValueOrDefault(main), chain.Branch + 1);
        var placed = segment.InBranch(chain.Branch);
        foreach (var record in placed.Records)
        {
            _ids.Add(record.Hash.Prefix, record.Id);
            Records.Add(record.Id, record);
        }

        _heads[chain] = placed.Last;
        return placed;
    }

    /// <summary>What a placed record depends on, its predecessor aside.</summary>
    public IReadOnlyList<EventId> DependenciesOf(EventRecord record) => [.. (record.Header.Deps?.HeadHashes ?? []).Select(prefix => _ids[prefix])];

    /// <summary>What a placed record follows; null for the first of a chain.</summary>
    public EventId? PredecessorOf(EventRecord record) => record.Id.Sequence == 1 ? null : _ids[record.Header.Previous.Prefix];

    /// <summary>Adds a placed segment.</summary>
    public void Append(CausalIndex index, Segment segment)
    {
        foreach (var record in segment.Records) Append(index, record);
    }

    /// <summary>Adds a placed record.</summary>
    public void Append(CausalIndex index, EventRecord record)
    {
        var predecessor = PredecessorOf(record);
        index.Append(record.Id, DependenciesOf(record), predecessor?.Chain == record.Id.Chain ? null : predecessor);
    }
}
