using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What a node remembers of a segment it holds, without its bodies.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="First">First sequence.</param>
/// <param name="Last">Last sequence.</param>
/// <param name="Depth">Causal depth of the first record; the next records are one deeper each.</param>
/// <param name="Bytes">Headers and payloads together.</param>
/// <param name="Dependencies">What the first record depends on besides its predecessor; for a chain's first record the event that
/// vouches for it is among them.</param>
public sealed record SegmentEntry(ChainId Chain, long First, long Last, long Depth, int Bytes, ImmutableArray<EventId> Dependencies)
{
    /// <summary>True once the signature at its end was checked here; lower ones are vouched for by a checked higher one.</summary>
    public bool Verified { get; set; }

    /// <summary>True when its writer announced in it where it can be reached.</summary>
    public bool AnnouncesEndpoint { get; init; }
}

/// <summary>All segments a node holds, the hash of every record in them, and who vouches for whom: shared by the agents it hosts,
/// each of which sees of it only what its own clock covers. About 40 bytes per event. One owner; not safe for concurrent use.</summary>
public sealed class SegmentIndex
{
    private const int AncestorsMax = 1024; // deeper spawn trees are not built by people; it only guards the walk

    private readonly Dictionary<ChainId, Chain> _chains = [];
    private readonly ChainOrigins _origins;
    private readonly HashSet<Hash> _vouching = [];
    private readonly Dictionary<AgentId, List<Voucher>> _vouchersByAgent = [];
    private readonly Dictionary<AgentId, List<AgentId>> _retiredBy = [];
    private readonly Dictionary<AgentId, int> _lastEpochs = [];

    /// <summary>An index that holds nothing.</summary>
    public SegmentIndex() => _origins = new ChainOrigins(id => TryGetHash(id, out var hash) ? hash : null);

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
        var dependencies = DependenciesOf(segment);
        var depth = segment.First == 1 ? 1 : DepthOf(segment.Chain[segment.First - 1]) + 1;
        foreach (var dependency in dependencies) depth = Math.Max(depth, DepthOf(dependency) + 1);
        var entry = new SegmentEntry(segment.Chain, segment.First, segment.Last, depth, segment.Bytes, dependencies)
        {
            Verified = verified,
            AnnouncesEndpoint = segment.Records.Any(record => record.Header.Type == nameof(EndpointAnnounced)),
        };
        chain.Segments.Add(entry);
        _lastEpochs[segment.Chain.Agent] = Math.Max(segment.Chain.Epoch, LastEpochOf(segment.Chain.Agent));
        foreach (var record in segment.Records)
        {
            chain.Hashes.Add(record.Hash);
            _origins.Add(record);
            if (Voucher.From(record) is { } voucher) AddVoucher(record.Hash, voucher);
            if (record.Header.Type == nameof(AgentRetired) && EventCatalogue.TryRead(record, out var body)) AddRetirement((AgentRetired)body, record.Id.Agent);
        }

        return entry;
    }

    /// <summary>What a segment depends on besides its predecessor: what it says, and for a chain's first record also what it builds on.
    /// Sorted by chain; the latter last when it is not covered.</summary>
    public ImmutableArray<EventId> DependenciesOf(Segment segment)
    {
        var dependencies = segment.Dependencies;
        if (segment.First != 1 || _origins.Find(segment.Records[0]) is not OriginFinding.Found({ Needs: var needs })) return dependencies;
        foreach (var need in needs)
            if (!dependencies.Any(head => head.Chain == need.Chain && head.Sequence >= need.Sequence)) dependencies = dependencies.Add(need);
        return dependencies;
    }

    /// <summary>True when a chain's first record may name this hash: the record is held, and vouches for an agent or gives it a key.</summary>
    public bool Vouches(Hash record) => _origins.Vouches(record);

    /// <summary>What a chain with this first record builds on.</summary>
    public OriginFinding OriginOf(EventRecord first) => _origins.Find(first);

    /// <summary>The events that give an agent this key, with their hashes.</summary>
    public IEnumerable<(Hash Hash, Rekey Rekey)> RekeysOf(AgentId agent, ReadOnlyMemory<byte> key) => _origins.RekeysOf(agent, key);

    /// <summary>The events that vouch for an agent, in the order they came; several parents may spawn the same key.</summary>
    public IReadOnlyList<Voucher> VouchersOf(AgentId agent) => _vouchersByAgent.TryGetValue(agent, out var vouchers) ? vouchers : [];

    /// <summary>True when the agent, or an ancestor of it, retired it: nobody needs to call it. For choosing peers only.</summary>
    public bool IsRetired(AgentId agent) => _retiredBy.TryGetValue(agent, out var writers) && writers.Exists(writer => IsAncestorOrSelf(writer, agent));

    /// <summary>The key a held chain's heads are signed with; null when the chain is not held.</summary>
    public ReadOnlyMemory<byte>? KeyOf(ChainId chain) => _origins.Of(chain)?.PublicKey;

    /// <summary>The newest epoch of an agent of which something is held; 0 when nothing is.</summary>
    public int LastEpochOf(AgentId agent) => _lastEpochs.GetValueOrDefault(agent);

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

    private void AddVoucher(Hash hash, Voucher voucher)
    {
        if (!_vouching.Add(hash)) return;
        if (!_vouchersByAgent.TryGetValue(voucher.Agent, out var vouchers)) _vouchersByAgent.Add(voucher.Agent, vouchers = []);
        vouchers.Add(voucher);
    }

    private void AddRetirement(AgentRetired retired, AgentId writer)
    {
        if (!_retiredBy.TryGetValue(retired.Agent, out var writers)) _retiredBy.Add(retired.Agent, writers = []);
        if (!writers.Contains(writer)) writers.Add(writer);
    }

    private bool IsAncestorOrSelf(AgentId ancestor, AgentId agent)
    {
        for (var steps = 0; steps <= AncestorsMax; steps++)
        {
            if (agent == ancestor) return true;
            if (VouchersOf(agent) is not [var voucher, ..] || voucher.Event.Agent == agent) return false;
            agent = voucher.Event.Agent;
        }

        return false;
    }

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
