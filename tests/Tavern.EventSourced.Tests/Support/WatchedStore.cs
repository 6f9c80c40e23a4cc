using System.Runtime.CompilerServices;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A real store whose commits can be watched, held up or made to fail.</summary>
public sealed class WatchedStore(IEventStore inner) : IEventStore
{
    private readonly Lock _lock = new();
    private readonly HashSet<EventId> _committed = [];

    /// <summary>Runs before a commit is passed on; may wait or throw.</summary>
    public Func<StoreBatch, Task>? Before { get; set; }

    /// <summary>Runs before records are read; may throw.</summary>
    public Action? BeforeRead { get; set; }

    /// <summary>Runs before all segments are read, as a start does.</summary>
    public Func<Task>? BeforeSegments { get; init; }

    /// <summary>Notes a commit only once the next one begins, though it has returned: what a check must notice.</summary>
    public bool NotesLate { get; init; }

    /// <summary>Runs that were read, in order, without keeping them.</summary>
    public List<WeakReference> RunsRead { get; } = [];

    /// <summary>Batches passed on, in order.</summary>
    public List<StoreBatch> Batches { get; } = [];

    /// <summary>True once the commit that carried the event has returned.</summary>
    public bool HasCommitted(EventId id)
    {
        lock (_lock) return _committed.Contains(id);
    }

    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (Before is { } before) await before(batch);
        lock (_lock)
        {
            if (NotesLate && Batches.Count > 0) Note(Batches[^1]);
            Batches.Add(batch);
        }

        await inner.CommitAsync(batch, cancellationToken);
        if (NotesLate) return;
        lock (_lock) Note(batch);
    }

    private void Note(StoreBatch batch) => _committed.UnionWith(batch.Segments.SelectMany(stored => stored.Segment.Records).Select(record => record.Id));

    /// <summary>What is read at a start was committed before.</summary>
    public async IAsyncEnumerable<StoredSegment> ReadSegmentsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (BeforeSegments is { } before) await before();
        await foreach (var stored in inner.ReadSegmentsAsync(cancellationToken))
        {
            lock (_lock) _committed.UnionWith(stored.Segment.Records.Select(record => record.Id));
            yield return stored;
        }
    }

    public IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        inner.ReadChainAsync(chain, first, last, cancellationToken);

    public IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, CancellationToken cancellationToken)
    {
        BeforeRead?.Invoke();
        return inner.ReadRecordsAsync(chain, first, last, cancellationToken);
    }

    public ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken) => inner.FindRecordAsync(id, cancellationToken);

    public IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken) => inner.ReadHoldersAsync(cancellationToken);

    /// <summary>What is read of logs, as it can be told later whether anybody still holds it.</summary>
    public async IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in inner.ReadRunsAsync(holder, from, cancellationToken))
        {
            RunsRead.Add(new WeakReference(run));
            yield return run;
        }
    }

    public ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken) => inner.FindRunAsync(holder, id, cancellationToken);

    public ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken) =>
        inner.FindReceiptAsync(holder, number, cancellationToken);

    public IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, CancellationToken cancellationToken) =>
        inner.ReadReceiptsAsync(holder, after, cancellationToken);

    public ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken) =>
        inner.FindIdempotencyAsync(agent, key, cancellationToken);

    public IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken) =>
        inner.ReadPositionsAsync(agent, cancellationToken);

    public ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken) => inner.MarkVerifiedAsync(heads, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
