using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores;

/// <summary>The plainest store, and the reference for the others: everything in lists, nothing on disk. Every call completes before
/// it returns. Segments are shared, never copied. Disposing it keeps what it holds, so that a simulated restart can read it again.
/// Safe for concurrent use.</summary>
public sealed class MemoryEventStore : IEventStore
{
    private readonly Lock _lock = new();
    private readonly HeldSegments _segments = new();
    private readonly SortedDictionary<AgentId, MemoryLog> _logs = [];

    /// <inheritdoc/>
    public ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            lock (_lock) Commit(batch);
            return ValueTask.CompletedTask;
        }
        catch (StoreConflictException e)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadSegmentsAsync(CancellationToken cancellationToken) =>
        Read(() => _segments.ToArray(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        Read(() => _segments.Overlapping(chain, first, last), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        Read(
            () => _segments.Overlapping(chain, first, last)
                .SelectMany(stored => stored.Segment.Records)
                .Where(record => record.Id.Sequence >= first && record.Id.Sequence <= last),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken) =>
        Find(() => _segments.Find(id), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken) =>
        Read<AgentId>(() => [.. _logs.Where(pair => pair.Value.End > 0).Select(pair => pair.Key)], cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, CancellationToken cancellationToken) =>
        Read(() => LogOf(holder)?.RunsFrom(from) ?? [], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken) =>
        Find(() => LogOf(holder)?.Find(id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken) =>
        Find(() => LogOf(holder)?.FindReceipt(number), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, CancellationToken cancellationToken) =>
        Read(() => LogOf(holder)?.ReceiptsAfter(after) ?? [], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken) =>
        Find(() => LogOf(agent)?.FindKey(key), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken) =>
        Read(() => LogOf(agent)?.Positions() ?? [], cancellationToken);

    /// <inheritdoc/>
    public ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        lock (_lock)
            foreach (var head in heads) _segments.MarkVerified(head);
        return ValueTask.CompletedTask;
    }

    /// <summary>Another store that holds the same: a backup, or a cloned disk.</summary>
    public MemoryEventStore Copy()
    {
        var copy = new MemoryEventStore();
        lock (_lock)
        {
            copy.Commit(new StoreBatch { Segments = [.. _segments.ToArray()] });
            foreach (var (holder, log) in _logs) copy._logs.Add(holder, log.Copy());
        }

        return copy;
    }

    /// <summary>Does nothing.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Commit(StoreBatch batch)
    {
        var undo = new Stack<Action>();
        var done = false;
        try
        {
            foreach (var segment in batch.Segments) _segments.Add(segment, undo);
            foreach (var run in batch.Runs) LogToChange(run.Holder).Add(run, _segments, undo);
            foreach (var receipt in batch.Receipts) LogToChange(receipt.Holder).Add(receipt, undo);
            foreach (var entry in batch.IdempotencyEntries)
            {
                if (_segments.Find(entry.Event) is null) throw StoreConflicts.KeyIsTaken(entry, heldEvent: null);
                LogToChange(entry.Agent).Add(entry, undo);
            }

            foreach (var step in batch.PositionSteps)
            {
                if (step.By is { } by && _segments.Find(by) is null) throw StoreConflicts.EmittedIsMissing(step);
                LogToChange(step.Agent).Add(step, undo);
            }

            done = true;
        }
        finally
        {
            if (!done) foreach (var step in undo) step();
        }
    }

    private MemoryLog? LogOf(AgentId holder) => _logs.GetValueOrDefault(holder);

    private MemoryLog LogToChange(AgentId holder)
    {
        if (!_logs.TryGetValue(holder, out var log)) _logs.Add(holder, log = new MemoryLog());
        return log;
    }

    private IAsyncEnumerable<T> Read<T>(Func<IEnumerable<T>> read, CancellationToken cancellationToken)
    {
        return Committed().ToAsyncEnumerable();

        IEnumerable<T> Committed()
        {
            IEnumerable<T> items;
            lock (_lock) items = read();
            foreach (var item in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return item;
            }
        }
    }

    private ValueTask<T?> Find<T>(Func<T?> find, CancellationToken cancellationToken) where T : class
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T?>(cancellationToken);
        lock (_lock) return ValueTask.FromResult(find());
    }
}
