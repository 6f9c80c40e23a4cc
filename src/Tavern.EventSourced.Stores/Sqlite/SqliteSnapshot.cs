using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>A database as of one moment: one reading transaction, which in WAL mode keeps nobody from writing. While it lasts, the write-ahead log
/// grows instead of being folded into the database.</summary>
internal sealed class SqliteSnapshot : IStoreSnapshot
{
    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(5);

    private readonly SqliteDatabase _database;

    private SqliteSnapshot(SqliteDatabase database, long events) => (_database, Events) = (database, events);

    /// <inheritdoc/>
    public long Events { get; }

    /// <summary>Opens one.</summary>
    /// <exception cref="StoreRefusedException">There is no store, or it is damaged, or from another version.</exception>
    /// <exception cref="StoreUnavailableException">The disk or its permissions do not allow it now.</exception>
    public static SqliteSnapshot Open(string path)
    {
        if (PendingSwap.Exists(path)) throw new StoreRefusedException($"A repair of {path} was cut short. Start its node, or repair again: either finishes it.");
        if (!File.Exists(path)) throw new StoreRefusedException($"There is no store at {path}. Name the folder of a node that has run.");
        var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, BusyWait);
        try
        {
            database.Execute("begin");
            SqliteSchema.RequireCurrent(database); // the first read: from here on this is the moment
            return new SqliteSnapshot(database, database.FindInt64("select max(position) from events") ?? 0);
        }
        catch (Exception e)
        {
            database.Dispose();
            if (e is StoreUnavailableException && SqliteErrors.IsDamage(e.InnerException)) throw Damaged(path, "", e.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredRow> ReadRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask; // a database in a file answers at once
        foreach (var row in new SqliteScan(_database, (table, place, what) => throw Damaged(_database.Path, $"{table} {place}", what)).Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static StoreRefusedException Damaged(string path, string place, string what) =>
        new($"The store {path} is damaged{(place.Length > 0 ? $" at {place}" : "")}: {what} tavern fsck says what is wrong, and repairs what other agents have.") { IsDamaged = true };
}
