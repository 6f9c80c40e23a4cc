using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
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
    private readonly SortedDictionary<string, long> _byType = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];

    public Replay(IEventStore store) => (_store, _view) = (store, new ViewRunner(_causality));

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
        CheckLink(record);
        CheckDependencies(record);
        try
        {
            _causality.Append(id, DependenciesOf(record));
            _view.Add(record);
        }
        catch (CausalGapException e)
        {
            Fault(e.Message);
        }

        _hashes[id] = record.Hash;
        _byHash[record.Hash] = id;
        _byType[record.Header.Type] = _byType.GetValueOrDefault(record.Header.Type) + 1;
    }

    private void CheckLink(EventRecord record)
    {
        var (id, previous) = (record.Id, record.Header.Previous);
        if (id.Sequence > 1)
        {
            if (!_hashes.TryGetValue(id.Chain[id.Sequence - 1], out var before) || before != previous)
                Fault($"{id}: it follows {previous}, but the record before it in the log is {(before == default ? "missing" : before)}.");
        }
        else if (!previous.IsZero && !_byHash.ContainsKey(previous))
        {
            Fault($"{id}: the log lacks the event {previous} that vouches for its writer.");
        }
    }

    private void CheckDependencies(EventRecord record)
    {
        if (record.Header.Deps is not { } deps) return;
        for (var i = 0; i < deps.Heads.Length; i++)
        {
            if (!_hashes.TryGetValue(deps.Heads[i], out var hash))
            {
                Fault($"{record.Id}: it depends on {deps.Heads[i]}, which the log does not have before it.");
                return;
            }

            if (hash.Prefix != deps.HeadHashes[i]) Fault($"{record.Id}: it depends on another record than the log's {deps.Heads[i]}.");
        }
    }

    /// <summary>A chain's first record also depends on the event that vouches for its writer.</summary>
    private ImmutableArray<EventId> DependenciesOf(EventRecord record)
    {
        var said = record.Header.Deps?.Heads ?? [];
        return record.Id.Sequence == 1 && _byHash.TryGetValue(record.Header.Previous, out var voucher) ? said.Add(voucher) : said;
    }
}
