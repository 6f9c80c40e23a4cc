using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>The chains of a store under check, by id and by the number that rows name them by, and who vouches for their writers.</summary>
internal sealed class ChainTable(Findings findings)
{
    private const string Table = "chains";

    private readonly Dictionary<long, CheckedChain> _byKey = [];
    private readonly SortedDictionary<ChainId, CheckedChain> _byId = [];
    private readonly HashSet<ChainId> _branched = []; // chains with several lines
    private readonly Dictionary<AgentId, ReadOnlyMemory<byte>> _keys = [];
    private readonly SortedDictionary<AgentId, string> _names = [];
    private readonly Dictionary<AgentId, ImmutableArray<string>> _addresses = [];

    /// <summary>What each chain builds on.</summary>
    public ChainOrigins Origins => field ??= new ChainOrigins((id, hash) => FindHeld(id, hash.Prefix), RootOf);

    /// <summary>The branch that holds the first record of the line that a branch is on.</summary>
    private ChainId RootOf(ChainId chain)
    {
        while (Find(chain)?.Leaves is { } left) chain = left.Chain;
        return chain;
    }

    /// <summary>All chains, by id.</summary>
    public IReadOnlyDictionary<ChainId, CheckedChain> All => _byId;

    public void Add(StoredRow.Chain row)
    {
        var place = Findings.At("chain", row.Key);
        if (row.Agent.Length != AgentId.Bytes || row.Epoch is < 1 or > int.MaxValue || row.Branch is < 0 or > int.MaxValue)
        {
            findings.Add(Table, place, $"An agent id of {row.Agent.Length} bytes in epoch {row.Epoch}, line {row.Branch}, names no chain.", Advice.Rederive);
            return;
        }

        var id = new ChainId(AgentId.FromBytes(row.Agent.Span), (int)row.Epoch, (int)row.Branch);
        if (id.Branch > 0) _branched.Add(id.Main);
        var chain = new CheckedChain(id, row.Key);
        if (!_byId.TryAdd(id, chain)) findings.Add(Table, place, $"The chain {id} has a row already.", Advice.Rederive);
        else _byKey.Add(row.Key, chain);
    }

    /// <summary>The lines of a chain, by number.</summary>
    public IEnumerable<CheckedChain> LinesOf(ChainId id)
    {
        if (_byId.TryGetValue(id.Main, out var main)) yield return main;
        if (!_branched.Contains(id.Main)) yield break;
        foreach (var (other, chain) in _byId)
            if (other.Branch > 0 && other.Main == id.Main) yield return chain;
    }

    /// <summary>True when a chain has several lines.</summary>
    public bool IsBranched(ChainId id) => _branched.Contains(id.Main);

    /// <summary>The held record with this place and this start of its hash, on whichever line; null when none is.</summary>
    public EventId? FindHeld(EventId id, UInt128 hashPrefix)
    {
        foreach (var line in LinesOf(id.Chain))
            if (line.HashOf(id.Sequence) is { } hash && hash.Prefix == hashPrefix) return line.Id[id.Sequence];
        return null;
    }

    public CheckedChain? Find(long key) => _byKey.GetValueOrDefault(key);

    public CheckedChain? Find(ChainId id) => _byId.GetValueOrDefault(id);

    /// <summary>The line whose end a record follows; null for none.</summary>
    public CheckedChain? LineBefore(EventHeader header) =>
        LinesOf(header.Id.Chain).FirstOrDefault(line => !line.IsEmpty && line.Head == header.Id.Sequence - 1 && line.HashOf(line.Head) == header.Previous);

    /// <summary>The line of a record that proves where it belongs although no row names it and it follows no line's end: a new one when its
    /// place is taken by another record; otherwise the first line.</summary>
    public CheckedChain LineFor(EventHeader header)
    {
        var (id, taken, next) = (header.Id, false, 0);
        foreach (var line in LinesOf(id.Chain))
        {
            taken |= line.HashOf(id.Sequence) is not null;
            next = line.Id.Branch + 1;
        }

        var isBranch = taken && (id.Sequence == 1 || FindHeld(id.Chain[id.Sequence - 1], header.Previous.Prefix) is not null);
        return Ensure(isBranch ? id.Chain with { Branch = next } : id.Chain);
    }

    /// <summary>A chain, whether or not a row names it.</summary>
    public CheckedChain Ensure(ChainId id)
    {
        if (_byId.TryGetValue(id, out var chain)) return chain;
        if (id.Branch > 0) _branched.Add(id.Main);
        _byId.Add(id, chain = new CheckedChain(id, 0));
        return chain;
    }

    /// <summary>A number that rows name a chain by although the chain has no row of its own, or the row names another.</summary>
    public void Bind(long key, CheckedChain chain)
    {
        if (_byKey.Remove(key, out var before)) _byId.Remove(before.Id);
        chain.Key = key;
        _byKey.Add(key, chain);
        findings.Add(Table, Findings.At("chain", key), $"Events say that it is the chain {chain.Id}; {(before is null ? "there is no such row" : $"the row says {before.Id}")}.", Advice.Rederive);
    }

    /// <summary>Takes note of what a sound record says of agents: who vouches for whom, and where they are.</summary>
    public void Note(EventRecord record)
    {
        if (record.Header.Type == nameof(EndpointAnnounced) && EventCatalogue.TryRead(record, out var said)) _addresses[record.Id.Agent] = ((EndpointAnnounced)said).Addresses;
        Origins.Add(record);
        if (Voucher.From(record) is not { } voucher || !EventCatalogue.TryRead(record, out var body)) return;
        _keys.TryAdd(voucher.Agent, voucher.PublicKey);
        _names.TryAdd(voucher.Agent, body is AgentSpawned spawned ? spawned.Name : ((TavernFounded)body).Name);
    }

    /// <summary>The agents that somebody vouches for, with the names they got.</summary>
    public IReadOnlyDictionary<AgentId, string> Names => _names;

    /// <summary>What an agent announced last; empty for nothing.</summary>
    public ImmutableArray<string> AddressesOf(AgentId agent) => _addresses.GetValueOrDefault(agent, []);

    public string? NameOf(AgentId agent) => _names.GetValueOrDefault(agent);

    /// <summary>The key of a chain: in epoch 1 the one that its agent's id was derived from; empty while no held event states it.</summary>
    public ReadOnlyMemory<byte> KeyOf(ChainId chain) => chain.Epoch == 1 ? _keys.GetValueOrDefault(chain.Agent) : Origins.Of(chain)?.PublicKey ?? default;

    public bool IsVouched(AgentId agent) => _keys.ContainsKey(agent);

    public void End()
    {
        foreach (var chain in _byKey.Values)
            if (chain.IsEmpty) findings.Add(Table, Findings.At("chain", chain.Key), $"No event of the chain {chain.Id} is held.", Advice.Rederive);
            else if (chain.Id.Branch > 0 && !_byId.ContainsKey(chain.Id.Main)) findings.Add(Table, Findings.At("chain", chain.Key), $"There is the branch {chain.Id}, but not the line that was held first.", Advice.Rederive);
    }
}
