using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The embedded store: one SQLite database in WAL mode with <c>synchronous=FULL</c>. One commit is one transaction and one
/// sync, on a thread of its own; readers never wait for it. Safe for concurrent use. Schema: <c>migrations/sqlite</c>.</summary>
public sealed class SqliteEventStore : IEventStore
{
    private readonly SqliteStoreOptions _options;
    private readonly ReaderPool _readers;
    private readonly OwnerLock? _lock;
    private readonly SqliteWriter? _writer;
    private readonly VerifiedMarks? _marks;
    private readonly WriterThread? _thread;
    private bool _disposed;

    private SqliteEventStore(SqliteStoreOptions options, OwnerLock? held, SqliteWriter? writer)
    {
        _options = options;
        _readers = new ReaderPool(options.Path, options.BusyWait);
        if (writer is null) return;
        (_lock, _writer) = (held, writer);
        _marks = new VerifiedMarks(options);
        _thread = new WriterThread("tavern store writer");
    }

    /// <summary>Bytes on disk, write-ahead log included.</summary>
    public long BytesOnDisk => SizeOf("") + SizeOf("-wal") + SizeOf("-shm");

    /// <summary>Opens a store; for writing, creates it when it does not exist and brings its schema up to date.</summary>
    /// <exception cref="StoreRefusedException">Another process holds it; it is damaged, another program's or from another version; read
    /// only: there is none. The message says what was found, what was expected and what to do.</exception>
    /// <exception cref="StoreUnavailableException">The disk or its permissions do not allow it now.</exception>
    public static ValueTask<SqliteEventStore> OpenAsync(SqliteStoreOptions options, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<SqliteEventStore>(cancellationToken);
        var full = options with { Path = Path.GetFullPath(options.Path) };
        try
        {
            return ValueTask.FromResult(full.ReadOnly ? OpenToRead(full) : OpenToWrite(full));
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException))
        {
            throw new StoreRefusedException(e.Message, e.InnerException) { IsDamaged = true };
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StoreUnavailableException($"The store {full.Path} cannot be opened: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The store was opened to read only.</exception>
    public ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (_thread is null)
            throw new InvalidOperationException($"The store {_options.Path} was opened to read only; open it for writing to commit.");
        return batch.IsEmpty ? ValueTask.CompletedTask : _thread.RunAsync(() => _writer!.Commit(batch), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadSegmentsAsync(CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadSegments(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredSegment> ReadChainAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadChain(chain, first, last), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<EventRecord> ReadRecordsAsync(ChainId chain, long first, long last, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadRecords(chain, first, last), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<EventRecord?> FindRecordAsync(EventId id, CancellationToken cancellationToken) =>
        _readers.Ask(reader => reader.FindRecord(id), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<AgentId> ReadHoldersAsync(CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadHolders(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Run> ReadRunsAsync(AgentId holder, long from, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadRuns(holder, from), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Run?> FindRunAsync(AgentId holder, EventId id, CancellationToken cancellationToken) =>
        _readers.Ask(reader => reader.FindRun(holder, id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Receipt?> FindReceiptAsync(AgentId holder, long number, CancellationToken cancellationToken) =>
        _readers.Ask(reader => reader.FindReceipt(holder, number), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<Receipt> ReadReceiptsAsync(AgentId holder, long after, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadReceipts(holder, after), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IdempotencyEntry?> FindIdempotencyAsync(AgentId agent, string key, CancellationToken cancellationToken) =>
        _readers.Ask(reader => reader.FindIdempotency(agent, key), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<SubscriptionPosition> ReadPositionsAsync(AgentId agent, CancellationToken cancellationToken) =>
        _readers.Read(reader => reader.ReadPositions(agent), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Does nothing when the store was opened to read only.</remarks>
    public ValueTask MarkVerifiedAsync(IReadOnlyList<EventId> heads, CancellationToken cancellationToken) => _thread is null || heads.Count == 0
        ? ValueTask.CompletedTask
        : _thread.RunAsync(() => _marks!.Mark(heads), cancellationToken);

    /// <summary>How the connection that commits does so, as SQLite itself says. The store must be open for writing.</summary>
    internal async ValueTask<SqliteDurability> ReadDurabilityAsync(CancellationToken cancellationToken)
    {
        var found = default(SqliteDurability);
        await _thread!.RunAsync(() => found = _writer!.Durability(), cancellationToken);
        return found;
    }

    /// <summary>Finishes the commits that were handed over, closes the database and releases its lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_thread is not null) await _thread.EndAsync();
        _readers.Dispose();
        _marks?.Dispose();
        _writer?.Dispose(); // the last to close folds the write-ahead log into the database
        _lock?.Dispose();
    }

    private static SqliteEventStore OpenToRead(SqliteStoreOptions options)
    {
        if (PendingSwap.Exists(options.Path))
            throw new StoreRefusedException($"A repair of {options.Path} was cut short. Start its node, or repair again: either finishes it.");
        LostLog.RefuseFile(options);
        if (!File.Exists(options.Path))
            throw new StoreRefusedException(
                $"There is no store at {options.Path}. Name the folder of a node that has run, or found a tavern first.");
        SqliteReader.RequireReadable(options);
        return new SqliteEventStore(options, held: null, writer: null);
    }

    private static SqliteEventStore OpenToWrite(SqliteStoreOptions options)
    {
        var folder = Path.GetDirectoryName(options.Path)!;
        PrivateFile.CreateFolder(folder);
        var held = OwnerLock.Take(folder, options.Owner, options.TimeProvider.GetUtcNow());
        try
        {
            PendingSwap.Complete(options.Path); // what a repair left ready is the log; only then it can be missing
            LostLog.RefuseFile(options);
            PrivateFile.TryCreateEmpty(options.Path); // SQLite gives its companions the same rights
            return new SqliteEventStore(options, held, SqliteWriter.Open(options, held.Holder));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private long SizeOf(string suffix) => new FileInfo(_options.Path + suffix) is { Exists: true } file ? file.Length : 0;
}
