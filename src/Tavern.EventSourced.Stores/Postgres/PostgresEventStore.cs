using System.Globalization;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>A store in a PostgreSQL server: one schema per node. One commit is one message and one transaction; readers have connections of their
/// own and never wait for it. Of two processes on one store the older stops at its next commit. While the server is away, calls say so, and go on
/// once it is back. Safe for concurrent use. Schema: <c>migrations/postgres</c>.</summary>
public sealed class PostgresEventStore : IEventStore
{
    private readonly PostgresAddress _address;
    private readonly PostgresReader _reader;
    private readonly PostgresWriter? _writer;
    private readonly OwnerLock? _lock;
    private bool _disposed;

    private PostgresEventStore(PostgresAddress address, PostgresReader reader, PostgresWriter? writer, OwnerLock? held) =>
        (_address, _reader, _writer, _lock) = (address, reader, writer, held);

    /// <summary>Opens a store; for writing, creates it when it does not exist, brings its schema up to date, and takes it over from whoever has it.</summary>
    /// <exception cref="ArgumentException">The connection string or the schema's name cannot be read.</exception>
    /// <exception cref="StoreRefusedException">It is damaged, another program's or from another version; the server would not keep what it
    /// acknowledges; read only: there is none. The message says what was found, what was expected and what to do.</exception>
    /// <exception cref="StoreUnavailableException">The server does not answer, or does not allow it now.</exception>
    public static async ValueTask<PostgresEventStore> OpenAsync(PostgresStoreOptions options, CancellationToken cancellationToken)
    {
        var address = new PostgresAddress(options.ConnectionString, options.Schema);
        var held = options is { ReadOnly: false, LockedFolder: { } folder } ? OwnerLock.Take(folder, options.Owner, options.TimeProvider.GetUtcNow()) : null;
        var reader = new PostgresReader(address);
        try
        {
            if (options.ReadOnly) await reader.RequireReadableAsync(cancellationToken);
            return new PostgresEventStore(
                address, reader, options.ReadOnly ? null : await PostgresWriter.OpenAsync(options, address, held?.Holder ?? Describe(options), cancellationToken), held);
        }
        catch (Exception e)
        {
            await reader.DisposeAsync();
            held?.Dispose();
            if (!PostgresErrors.IsFailure(e)) throw;
            var failure = PostgresErrors.ToException(address, e);
            throw PostgresErrors.IsDamage(e) ? new StoreRefusedException(failure.Message, e) { IsDamaged = true } : failure;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The store was opened to read only.</exception>
    public ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (_writer is null) throw new InvalidOperationException($"The store {_address} was opened to read only; open it for writing to commit.");
        return batch.IsEmpty ? ValueTask.CompletedTask : _writer.CommitAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadSegmentsAsync(CancellationToken cancellationToken) => _reader.ReadSegmentsAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        _reader.ReadChainAsync(chain, first, last, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        _reader.ReadRecordsAsync(chain, first, last, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken) => _reader.FindRecordAsync(id, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken) => _reader.ReadHoldersAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, CancellationToken cancellationToken) =>
        _reader.ReadRunsAsync(holder, from, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken) => _reader.FindRunAsync(holder, id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken) =>
        _reader.FindReceiptAsync(holder, number, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, CancellationToken cancellationToken) =>
        _reader.ReadReceiptsAsync(holder, after, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken) =>
        _reader.FindIdempotencyAsync(agent, key, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken) =>
        _reader.ReadPositionsAsync(agent, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Does nothing when the store was opened to read only.</remarks>
    public ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken) =>
        _writer is null || heads.Count == 0 ? ValueTask.CompletedTask : _reader.MarkVerifiedAsync(heads, cancellationToken);

    /// <summary>Finishes the commits that were handed over and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_writer is not null) await _writer.DisposeAsync();
        await _reader.DisposeAsync();
        _lock?.Dispose();
    }

    private static string Describe(PostgresStoreOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{options.Owner}, process {Environment.ProcessId} on {Environment.MachineName}, since {options.TimeProvider.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
}
