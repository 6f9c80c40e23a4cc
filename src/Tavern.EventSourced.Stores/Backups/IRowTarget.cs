using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Backups;

/// <summary>A new store that takes the rows of another one as they are. Until <see cref="CompleteAsync"/> it holds nothing for anybody else, and
/// it comes to nothing when it is disposed before. One user at a time. Implementations: SQLite, PostgreSQL.</summary>
internal interface IRowTarget : IAsyncDisposable
{
    /// <summary>Takes the next row; they come in the order of <see cref="IStoreSnapshot.ReadRowsAsync"/>.</summary>
    ValueTask WriteAsync(StoredRow row, CancellationToken cancellationToken);

    /// <summary>All rows were written. When the task completes they survive power loss.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}
