using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Backups;

/// <summary>All rows of a store as of one moment, read beside whoever writes to it: everything that was acknowledged before it was opened, and of
/// what came later nothing. Nobody waits for it. One user at a time. Implementations: SQLite, PostgreSQL.</summary>
internal interface IStoreSnapshot : IAsyncDisposable
{
    /// <summary>How many events it holds; for progress.</summary>
    long Events { get; }

    /// <summary>The rows, table by table in the order of the cases of <see cref="StoredRow"/>, each table by its keys. Read them once.</summary>
    /// <exception cref="StoreRefusedException">Rows cannot be read: the store is damaged.</exception>
    /// <exception cref="StoreUnavailableException">The store went away.</exception>
    IAsyncEnumerable<StoredRow> ReadRowsAsync(CancellationToken cancellationToken);
}
