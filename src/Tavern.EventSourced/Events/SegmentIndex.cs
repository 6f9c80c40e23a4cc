using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>All segments a node holds, the hash of every record in them, and who vouches for whom: shared by the agents it hosts,
/// each of which sees of it only what its own clock covers. About 34 bytes per event, and per segment 80 and 16 for each
/// event it depends on. One owner; not safe for concurrent use.
/// Where a chain has forked its records form a tree, held as branches: each branch but the first leaves another one, its parent, after some
/// record (<see cref="PredecessorOf"/>), or starts at sequence 1 when the very first records differ.</summary>
public sealed class SegmentIndex
{
    private const int AncestorsMax = 1024; // deeper spawn trees are not built by people; it only guards the walk

    private readonly ChainOrigins _origins;
    private readonly HashSet<Hash> _vouching = [];
    private readonly Dictionary<ChainId, HeldBranch> _branches = [];
    private readonly Dictionary<ChainId, List<HeldBranch>> _forked = []; // by main chain; only of those with several branches
    private readonly Dictionary<ChainId, List<EventId>> _exposedBy = [];
    private readonly Dictionary<AgentId, List<Voucher>> _vouchersByAgent = [];
    private readonly Dictionary<AgentId, List<AgentId>> _retiredBy = [];
    private readonly Dictionary<AgentId, int> _lastEpochs = [];

    /// <summary>An index that holds nothing.</summary>
    public SegmentIndex() => _origins = new ChainOrigins((id, hash) => Find(id, hash.Prefix), RootOf);

    /// <summary>Adds a segment, named in its branch, whose causes are held. A segment that is held already is skipped.</summary>
    /// <exception cref="InvalidOperationException">It does not follow its branch's held end, starts a branch that follows nothing held, or depends
    /// on what is not held.</exception>
    public SegmentEntry Add(Segment segment, bool verified)
    {
        var isNew = !_branches.TryGetValue(segment.Chain, out var branch);
        if (branch?.Find(segment.Last) is { } held)
        {
            held.Verified |= verified && held.Last == segment.Last;
            return held;
        }

        branch ??= Start(segment);
        if (segment.First != branch.Last + 1)
            throw new InvalidOperationException($"Segment {segment.Chain[segment.First]} does not follow the held end {branch.Last} of its chain.");
        var dependencies = DependenciesOf(segment);
        var predecessor = segment.First > branch.First ? segment.Chain[segment.First - 1] : branch.Parent;
        var depth = predecessor is { } before ? DepthOf(before) + 1 : 1;
        foreach (var dependency in dependencies) depth = Math.Max(depth, DepthOf(dependency) + 1);
        if (isNew) Register(branch);
        var entry = new SegmentEntry(branch, segment, depth, dependencies, named => _branches[named])
        {
            Verified = verified,
            AnnouncesEndpoint = segment.Records.Any(record => record.Header.Type == nameof(EndpointAnnounced)),
        };
        branch.Segments.Add(entry);
        _lastEpochs[segment.Chain.Agent] = Math.Max(segment.Chain.Epoch, LastEpochOf(segment.Chain.Agent));
        foreach (var record in segment.Records)
        {
            branch.Hashes.Add(record.Hash);
            _origins.Add(record);
            if (Voucher.From(record) is { } voucher) AddVoucher(record.Hash, voucher);
            if (record.Header.Type is not (nameof(AgentRetired) or nameof(ForkDetected)) || !EventCatalogue.TryRead(record, out var body)) continue;
            if (body is AgentRetired retired) AddRetirement(retired, record.Id.Agent);
            if (body is ForkDetected fork && IsProven(fork)) ExposersOf(new ChainId(fork.Agent, fork.Epoch)).Add(record.Id);
        }

        return entry;
    }

    /// <summary>The branches of a chain that are held, by number; none when nothing of it is held, one when it has not forked.</summary>
    /// <param name="main">The chain; its branch is ignored.</param>
    public IReadOnlyList<ChainId> BranchesOf(ChainId main) => _forked.TryGetValue(main.Main, out var branches)
        ? branches.ConvertAll(branch => branch.Id)
        : _branches.ContainsKey(main.Main) ? [main.Main] : [];

    /// <summary>True when several branches of a chain are held.</summary>
    public bool IsForked(ChainId chain) => _forked.ContainsKey(chain.Main);

    /// <summary>The held record of this agent, epoch and sequence whose hash starts so, in its branch; null when it is not held.</summary>
    /// <param name="id">Its branch is ignored.</param>
    /// <param name="hashPrefix">As in <see cref="Hash.Prefix"/>.</param>
    public EventId? Find(EventId id, UInt128 hashPrefix)
    {
        if (_forked.TryGetValue(id.Chain.Main, out var branches))
        {
            foreach (var branch in branches)
                if (branch.HashAt(id.Sequence) is { } hash && hash.Prefix == hashPrefix) return branch.Id[id.Sequence];
            return null;
        }

        return _branches.TryGetValue(id.Chain.Main, out var only) && only.HashAt(id.Sequence) is { } one && one.Prefix == hashPrefix ? id.Main : null;
    }

    /// <summary>The record before a held one, which may lie on another branch; null for a chain's first, and when the record is not held.</summary>
    public EventId? PredecessorOf(EventId id)
    {
        if (!_branches.TryGetValue(id.Chain, out var branch) || branch.HashAt(id.Sequence) is null) return null;
        return id.Sequence > branch.First ? id.Chain[id.Sequence - 1] : branch.Parent;
    }

    /// <summary>The record at a sequence of the line that ends in a held record: that one or one before it, on whichever branch.</summary>
    /// <param name="id">A held record.</param>
    /// <param name="sequence">From 1 to its sequence.</param>
    public EventId OnLineOf(EventId id, long sequence)
    {
        var branch = _branches[id.Chain];
        while (sequence < branch.First && branch.Parent is { } parent) branch = _branches[parent.Chain];
        return branch.Id[sequence];
    }

    /// <summary>The lowest sequence of a branch: 1 unless it leaves another one; 0 when it is not held.</summary>
    public long FirstOf(ChainId branch) => _branches.TryGetValue(branch, out var held) ? held.First : 0;

    /// <summary>The branch that a segment belongs to, or will once it is added: the one that holds its first record, or whose end it follows; otherwise a
    /// new one, with the next number.</summary>
    public int BranchFor(Segment segment)
    {
        var first = segment.Records[0];
        if (Find(first.Id, first.Hash.Prefix) is { } held) return held.Branch;
        return BranchAfter(segment.Chain, segment.First - 1, first.Header.Previous);
    }

    /// <summary>The branch into which a record goes that is not held and follows a held one, or none (sequence 0).</summary>
    /// <exception cref="InvalidOperationException">The record that it follows is not held.</exception>
    public int BranchAfter(ChainId chain, long sequence, Hash hash)
    {
        if (sequence == 0) return NextBranch(chain);
        var before = Find(chain[sequence], hash.Prefix) ?? throw new InvalidOperationException($"The record {chain.Main[sequence]} with the hash {hash} is not held.");
        return _branches[before.Chain].Last == sequence ? before.Branch : NextBranch(chain);
    }

    /// <summary>The lowest sequence at which the held branches of a chain differ; null when it has not forked.</summary>
    public long? ForkOf(ChainId chain) =>
        _forked.TryGetValue(chain.Main, out var branches) ? branches.Skip(1).Min(branch => branch.First) : null;

    /// <summary>The held events that prove that a chain has forked, in the order they came.</summary>
    public IReadOnlyList<EventId> ExposedBy(ChainId chain) => _exposedBy.TryGetValue(chain.Main, out var events) ? events : [];

    /// <summary>What a segment depends on besides its predecessor, in the branches of this node: what it says, and for a chain's first record also what
    /// it builds on. Sorted as its writer did; the latter last when it is not covered.</summary>
    /// <exception cref="InvalidOperationException">One of them is not held.</exception>
    public ImmutableArray<EventId> DependenciesOf(Segment segment)
    {
        var said = segment.Records[0].Header.Deps is { } deps ? Resolved(deps, segment) : [];
        if (segment.First != 1 || _origins.Find(segment.Records[0]) is not OriginFinding.Found({ Needs: var needs })) return said;
        foreach (var need in needs)
            if (!said.Any(head => head.Chain == need.Chain && head.Sequence >= need.Sequence)) said = said.Add(need);
        return said;
    }

    /// <summary>True when a chain's first record may name this hash: the record is held, and vouches for an agent or gives it a key.</summary>
    public bool Vouches(Hash record) => _origins.Vouches(record);

    /// <summary>What a chain with this first record builds on.</summary>
    public OriginFinding OriginOf(EventRecord first) => _origins.Find(first);

    /// <summary>What a chain builds on; null when it is not held.</summary>
    public ChainOrigin? OriginOf(ChainId chain) => _origins.Of(chain);

    /// <summary>True when a held event may give its key, and to that agent.</summary>
    public bool Gives(Rekey rekey) => _origins.Gives(rekey);

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

    /// <summary>The highest sequence held of a branch, 0 when none is.</summary>
    public long HeadOf(ChainId chain) => _branches.TryGetValue(chain, out var held) ? held.Last : 0;

    /// <summary>The hash of a held record.</summary>
    public bool TryGetHash(EventId id, out Hash hash)
    {
        hash = default;
        if (!_branches.TryGetValue(id.Chain, out var branch) || branch.HashAt(id.Sequence) is not { } found) return false;
        hash = found;
        return true;
    }

    /// <summary>The segment that holds a sequence of a branch.</summary>
    public bool TryGetSegment(EventId id, [NotNullWhen(true)] out SegmentEntry? entry)
    {
        entry = _branches.TryGetValue(id.Chain, out var branch) ? branch.Find(id.Sequence) : null;
        return entry is not null;
    }

    /// <summary>Causal depth of a held record.</summary>
    public long DepthOf(EventId id) => TryGetSegment(id, out var entry)
        ? entry.Depth + (id.Sequence - entry.First)
        : throw new InvalidOperationException($"Event {id} is not held.");

    /// <summary>The branch that holds the first record of the line that a branch is on.</summary>
    private ChainId RootOf(ChainId chain)
    {
        while (_branches.TryGetValue(chain, out var held) && held.Parent is { } parent) chain = parent.Chain;
        return chain;
    }

    private HeldBranch Start(Segment segment)
    {
        if (segment.First == 1) return new HeldBranch(segment.Chain, 1, null);
        var parent = Find(segment.Chain[segment.First - 1], segment.Records[0].Header.Previous.Prefix)
            ?? throw new InvalidOperationException($"Segment {segment.Chain[segment.First]} starts a branch, but the record that it follows is not held.");
        return new HeldBranch(segment.Chain, segment.First, parent);
    }

    private void Register(HeldBranch branch)
    {
        _branches.Add(branch.Id, branch);
        var main = branch.Id.Main;
        if (_forked.TryGetValue(main, out var branches)) branches.Add(branch);
        else if (branch.Id != main) _forked.Add(main, _branches.TryGetValue(main, out var first) ? [first, branch] : [branch]);
    }

    /// <summary>One above the highest: a store yields branches in the order of their commits, which may be another than that of their numbers.</summary>
    private int NextBranch(ChainId chain) =>
        _forked.TryGetValue(chain.Main, out var branches) ? branches.Max(branch => branch.Id.Branch) + 1 : _branches.ContainsKey(chain.Main) ? 1 : 0;

    /// <summary>The heads in their branches. The array of the header itself when nothing it names has forked.</summary>
    private ImmutableArray<EventId> Resolved(Dependencies deps, Segment segment)
    {
        ImmutableArray<EventId>.Builder? changed = null;
        for (var i = 0; i < deps.Heads.Length; i++)
        {
            var local = Find(deps.Heads[i], deps.HeadHashes[i])
                ?? throw new InvalidOperationException($"Segment {segment.Chain[segment.First]} depends on a record {deps.Heads[i]} that is not held.");
            if (local == deps.Heads[i]) continue;
            changed ??= deps.Heads.ToBuilder();
            changed[i] = local;
        }

        return changed?.DrainToImmutable() ?? deps.Heads;
    }

    /// <summary>Are both records held that it shows, and two? Whoever reads it can then see that they are signed.</summary>
    private bool IsProven(ForkDetected fork)
    {
        if (fork.Epoch < 1 || fork.Sequence < 1) return false;
        var id = new EventId(fork.Agent, fork.Epoch, fork.Sequence);
        return Find(id, Hash.Of(fork.HeaderA).Prefix) is { } a && Find(id, Hash.Of(fork.HeaderB).Prefix) is { } b && a != b;
    }

    private List<EventId> ExposersOf(ChainId chain)
    {
        if (!_exposedBy.TryGetValue(chain, out var events)) _exposedBy.Add(chain, events = []);
        return events;
    }

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
}
