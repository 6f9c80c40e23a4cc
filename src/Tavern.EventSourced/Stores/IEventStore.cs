using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores;

/// <summary>One node's durable store: bodies once, and per hosted agent the runs that make up its log. One writer commits; any
/// number of readers read committed data meanwhile. Implementations: memory (the reference), SQLite, PostgreSQL.</summary>
public interface IEventStore : IAsyncDisposable
{
    /// <summary>Commits a batch, all or nothing. Segments, runs and receipts that are held already, byte for byte, are skipped, so
    /// a retry after an unknown outcome is harmless. Of two signatures over one record the first is kept, unless only the second was
    /// checked. When the task completes they survive kill -9 and power loss. Cancellation counts until the commit begins.</summary>
    /// <exception cref="StoreConflictException">The batch contradicts what is held: another record in the same place, a run that
    /// does not continue its log, a segment that does not continue its chain, a subscription that stands elsewhere. Nothing was
    /// changed.</exception>
    /// <exception cref="StoreFencedException">Another process owns the store by now. Nothing was changed; this process must stop.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot commit now, or does not know whether it did: retry the same
    /// batch, byte for byte.</exception>
    /// <exception cref="StoreSyncFailedException">The disk did not confirm a write. This process must stop.</exception>
    /// <exception cref="StoreRolledBackException">The store holds less than it acknowledged. This process must start anew on what is there.</exception>
    ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken);

    /// <summary>All held segments in an order in which causes precede effects, with their bodies.</summary>
    IAsyncEnumerable<StoredSegment> ReadSegmentsAsync(CancellationToken cancellationToken);

    /// <summary>The segments of one chain that overlap <paramref name="first"/>..<paramref name="last"/>, whole, by sequence.</summary>
    IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, CancellationToken cancellationToken);

    /// <summary>Records of one chain, <paramref name="first"/>..<paramref name="last"/>, by sequence; fewer when fewer are held.</summary>
    IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, CancellationToken cancellationToken);

    /// <summary>One record, or null when it is not held.</summary>
    ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken);

    /// <summary>The agents that have delivered something here, by id.</summary>
    IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken);

    /// <summary>Runs of one agent's log from the run that holds position <paramref name="from"/> on, by position, without limit.</summary>
    IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, CancellationToken cancellationToken);

    /// <summary>The run that brought an event into an agent's log, or null when the agent has not delivered it.</summary>
    ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken);

    /// <summary>One receipt, or null.</summary>
    ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken);

    /// <summary>An agent's receipts with numbers above <paramref name="after"/>, by number.</summary>
    IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, CancellationToken cancellationToken);

    /// <summary>The event that an earlier request with this key appended, or null.</summary>
    ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken);

    /// <summary>How far an agent's subscriptions have come, by name (ordinal).</summary>
    IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken);

    /// <summary>Marks the signatures at the ends of these segments as checked. May be lost in a crash: they are checked again.</summary>
    ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken);
}

/// <summary>A segment and whether the signature at its end was checked on this node.</summary>
public readonly record struct StoredSegment(Segment Segment, bool Verified);

/// <summary>What one commit makes durable. Lists are in order: causes before effects, runs by position per holder.</summary>
public sealed record StoreBatch
{
    /// <summary>Bodies, stored once per node.</summary>
    public ImmutableArray<StoredSegment> Segments { get; init; } = [];

    /// <summary>What agents deliver with this commit; their bodies are in <see cref="Segments"/> or held already.</summary>
    public ImmutableArray<Run> Runs { get; init; } = [];

    /// <summary>Receipts to add; one with a held number replaces it (equal failures coalesce), unless it stands for fewer: then it is
    /// a late retry and is skipped.</summary>
    public ImmutableArray<Receipt> Receipts { get; init; } = [];

    /// <summary>Idempotency keys of the appends in this batch.</summary>
    public ImmutableArray<IdempotencyEntry> IdempotencyEntries { get; init; } = [];

    /// <summary>Steps of subscriptions, in order. The last step of each may be retried, byte for byte; an older one is refused, because
    /// a position never goes backwards.</summary>
    public ImmutableArray<PositionStep> PositionSteps { get; init; } = [];

    /// <summary>True when the commit would change nothing.</summary>
    public bool IsEmpty => Segments.IsEmpty && Runs.IsEmpty && Receipts.IsEmpty && IdempotencyEntries.IsEmpty && PositionSteps.IsEmpty;
}

/// <summary>A request that was carried out: repeating it with the same key returns the same event.</summary>
/// <param name="Agent">Whose request.</param>
/// <param name="Key">The client's key, 1 to 255 characters.</param>
/// <param name="RequestHash">Hash of what was asked; another request under the same key is a conflict.</param>
/// <param name="Event">The (first) event it appended.</param>
public sealed record IdempotencyEntry(AgentId Agent, string Key, Hash RequestHash, EventId Event);
