using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads a log from the store as if nothing were known of it: hashes every record anew, follows every link, and folds.
/// Signatures are not checked again: that was done before each record was committed.</summary>
internal sealed class Replay
{
    private const int FaultsMax = 20; // a broken log has many; the first ones tell

    private readonly IEventStore _store;
    private readonly CausalIndex _causality = new();
    private readonly ViewRunner _view;
    private readonly Dictionary<EventId, Hash> _hashes = [];
    private readonly Dictionary<Hash, EventId> _byHash = [];
    private readonly Dictionary<UInt128, EventId> _byPrefix = [];
    private readonly ChainOrigins _origins;
    private readonly SortedDictionary<string, long> _byType = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    public Replay(IEventStore store)
    {
        (_store, _view) = (store, new ViewRunner(_causality));
        _origins = new ChainOrigins(Find, branch => HeldLines.RootOf(_causality, branch));
    }

    /// <summary>Events read.</summary>
    public long Events => _hashes.Count;

    /// <summary>Events per type.</summary>
    public IReadOnlyDictionary<string, long> ByType => _byType;

    /// <summary>What did not hold, the first ones.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Takes note of something that did not hold.</summary>
    public void Fault(string what)
    {
        if (_faults.Count < FaultsMax) _faults.Add(what);
    }

    /// <summary>Reads the part of a log that a cut covers, in the order delivered.</summary>
    public async ValueTask ReadAsync(AgentId holder, VectorClock cut, CancellationToken cancellationToken)
    {
        await foreach (var run in _store.ReadRunsAsync(holder, 1, cancellationToken))
            await foreach (var record in _store.ReadRecordsAsync(run.Chain, run.First, Math.Min(run.Last, cut[run.Chain]), cancellationToken))
                Take(record);
    }

    /// <summary>The view over what was read.</summary>
    public async ValueTask<TavernView> FoldAsync(CancellationToken cancellationToken)
    {
        while (_view.NextUnfolded(1) is [var next])
        {
            // Canonical order goes up chains in stretches; reading a few ahead saves most round trips.
            await foreach (var record in _store.ReadRecordsAsync(next.Chain, next.Sequence, next.Sequence + 63, cancellationToken))
                if (!_view.Take(record)) break;
        }

        return _view.Read(id => throw new InvalidOperationException($"{id} was not folded.")).State;
    }

    private void Take(EventRecord stored)
    {
        var id = stored.Id;
        EventRecord record;
        try
        {
            record = EventRecord.Parse(stored.HeaderBytes, stored.Payload);
        }
        catch (MalformedRecordException e)
        {
            Fault($"{id}: {e.Message}");
            record = stored;
        }

        if (record.Hash != stored.Hash) Fault($"{id}: the stored hash is {stored.Hash}, its bytes have {record.Hash}.");
        var (before, dependencies) = (CheckLink(record, id), CheckDependencies(record, id));
        record = record.InBranch(id.Branch);
        _hashes[id] = record.Hash;
        (_byHash[record.Hash], _byPrefix[record.Hash.Prefix]) = (id, id);
        _byType[record.Header.Type] = _byType.GetValueOrDefault(record.Header.Type) + 1;
        if (id.Sequence == 1 && _origins.Find(record) is OriginFinding.Found(var origin)) dependencies.AddRange(origin.Needs);
        try
        {
            _causality.Append(id, dependencies, before?.Chain == id.Chain ? null : before);
            _origins.Add(record);
            _view.Add(record);
        }
        catch (CausalGapException e)
        {
            Fault(e.Message);
        }
    }

    /// <summary>The record that another follows within its chain, on whatever line that is; null for a chain's first.</summary>
    private EventId? CheckLink(EventRecord record, EventId id)
    {
        var previous = record.Header.Previous;
        if (id.Sequence > 1)
        {
            var isOnItsLine = _causality.HeadOf(id.Chain) > 0; // else it is the first that the log has of its line
            if (Find(id.Chain[id.Sequence - 1], previous) is { } before && (before.Chain == id.Chain || !isOnItsLine)) return before;
            var held = _hashes.GetValueOrDefault(id.Chain[id.Sequence - 1]);
            Fault($"{id}: it follows {previous}, but the record before it in the log is {(held == default ? "missing" : held)}.");
        }
        else if (!previous.IsZero && !_byHash.ContainsKey(previous))
        {
            Fault($"{id}: the log lacks the event {previous} that vouches for its writer.");
        }

        return null;
    }

    /// <summary>The records that a header names as dependencies, on the lines that it means.</summary>
    private List<EventId> CheckDependencies(EventRecord record, EventId id)
    {
        var found = new List<EventId>();
        if (record.Header.Deps is not { } deps) return found;
        for (var i = 0; i < deps.Heads.Length; i++)
        {
            if (_byPrefix.TryGetValue(deps.HeadHashes[i], out var head) && head.Main == deps.Heads[i]) found.Add(head);
            else Fault($"{id}: it depends on {deps.Heads[i]} with a hash that begins {deps.HeadHashes[i]:x32}, which the log does not have before it.");
        }

        return found;
    }

    private EventId? Find(EventId id, Hash hash) => _byHash.TryGetValue(hash, out var at) && at.Main == id.Main ? at : null;
}
