using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores;

/// <summary>What <see cref="MemoryEventStore"/> keeps for one hosted agent: its runs, receipts, idempotency keys
/// and subscriptions.</summary>
internal sealed class MemoryLog
{
    private readonly List<Run> _runs = [];
    private readonly Dictionary<ChainId, long> _delivered = [];
    private readonly SortedList<long, Receipt> _receipts = [];
    private readonly Dictionary<string, IdempotencyEntry> _keys = [];
    private readonly SortedDictionary<string, SubscriptionPosition> _positions = new(StringComparer.Ordinal);

    /// <summary>Place of the last delivered event, 0 for none.</summary>
    public long End => _runs.Count == 0 ? 0 : _runs[^1].LastPosition;

    /// <summary>Adds a run, or skips one that is held.</summary>
    /// <exception cref="StoreConflictException">It does not continue the log.</exception>
    public void Add(Run run, HeldSegments bodies, Stack<Action> undo)
    {
        if (run.Position <= End)
        {
            if (IndexOf(run.Position) is var held && (held < 0 || _runs[held] != run)) throw StoreConflicts.AnotherRunIsHeld(run);
            return;
        }

        if (run.Position != End + 1) throw StoreConflicts.DoesNotContinueLog(run, End);
        var isNew = !_delivered.TryGetValue(run.Chain, out var delivered);
        if (isNew) delivered = bodies.FirstOf(run.Chain) - 1;
        if (run.First != delivered + 1 || run.Last < run.First) throw StoreConflicts.DeliversOutOfTurn(run, delivered);
        if (bodies.HeadOf(run.Chain) is var head && run.Last > head) throw StoreConflicts.BodiesAreMissing(run, head);
        if (isNew && delivered > 0 && !bodies.PredecessorsOf(run.Chain).Any(before => _delivered.GetValueOrDefault(before.Chain) >= before.Sequence))
            throw StoreConflicts.LeavesNoDeliveredLine(run);
        _runs.Add(run);
        _delivered[run.Chain] = run.Last;
        undo.Push(() =>
        {
            _runs.RemoveAt(_runs.Count - 1);
            if (isNew) _delivered.Remove(run.Chain);
            else _delivered[run.Chain] = delivered;
        });
    }

    /// <summary>Adds a receipt, or replaces the one that stands for no more.</summary>
    public void Add(Receipt receipt, Stack<Action> undo)
    {
        if (_receipts.TryGetValue(receipt.Number, out var held) && held.Count > receipt.Count) return;
        _receipts[receipt.Number] = receipt;
        undo.Push(() =>
        {
            if (held is null) _receipts.Remove(receipt.Number);
            else _receipts[receipt.Number] = held;
        });
    }

    /// <summary>Adds a key, or skips one that is held.</summary>
    /// <exception cref="StoreConflictException">It was used for another request.</exception>
    public void Add(IdempotencyEntry entry, Stack<Action> undo)
    {
        if (_keys.TryGetValue(entry.Key, out var held))
        {
            if (held != entry) throw StoreConflicts.KeyIsTaken(entry, held.Event);
            return;
        }

        _keys.Add(entry.Key, entry);
        undo.Push(() => _keys.Remove(entry.Key));
    }

    /// <summary>Moves a subscription, or skips a step that was its last.</summary>
    /// <exception cref="StoreConflictException">It stands elsewhere, or the step leads backwards or past the log's end.</exception>
    public void Add(PositionStep step, Stack<Action> undo)
    {
        var held = _positions.GetValueOrDefault(step.Subscription);
        if (held == step.Reached) return;
        StoreConflicts.RequireLegal(step, held, End);
        _positions[step.Subscription] = step.Reached;
        undo.Push(() =>
        {
            if (held is null) _positions.Remove(step.Subscription);
            else _positions[step.Subscription] = held;
        });
    }

    /// <summary>Subscriptions by name.</summary>
    public SubscriptionPosition[] Positions() => [.. _positions.Values];

    /// <summary>Runs from the one that holds a position on.</summary>
    public Run[] RunsFrom(long position) => [.. _runs.Skip(_runs.Count - CountFrom(position))];

    /// <summary>The run that delivered an event, or null.</summary>
    public Run? Find(EventId id) => id.Sequence >= 1 && id.Sequence <= _delivered.GetValueOrDefault(id.Chain)
        ? _runs.FindLast(run => run.Chain == id.Chain && run.First <= id.Sequence && id.Sequence <= run.Last)
        : null;

    /// <summary>A receipt, or null.</summary>
    public Receipt? FindReceipt(long number) => _receipts.GetValueOrDefault(number);

    /// <summary>Receipts with higher numbers, by number.</summary>
    public Receipt[] ReceiptsAfter(long number) => [.. _receipts.Values.Where(receipt => receipt.Number > number)];

    /// <summary>What was asked under a key, or null.</summary>
    public IdempotencyEntry? FindKey(string key) => _keys.GetValueOrDefault(key);

    /// <summary>Another log that holds the same.</summary>
    public MemoryLog Copy()
    {
        var copy = new MemoryLog();
        copy._runs.AddRange(_runs);
        foreach (var (chain, sequence) in _delivered) copy._delivered.Add(chain, sequence);
        foreach (var (number, receipt) in _receipts) copy._receipts.Add(number, receipt);
        foreach (var (key, entry) in _keys) copy._keys.Add(key, entry);
        foreach (var (name, position) in _positions) copy._positions.Add(name, position);
        return copy;
    }

    private int IndexOf(long position)
    {
        var index = _runs.Count - CountFrom(position);
        return index < _runs.Count && _runs[index].Position == position ? index : -1;
    }

    /// <summary>How many runs end at or after a position.</summary>
    private int CountFrom(long position)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runs[middle].LastPosition < position) low = middle + 1;
            else high = middle;
        }

        return _runs.Count - low;
    }
}
