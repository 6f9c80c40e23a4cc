using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Marks signatures as checked, over a connection of its own that never syncs: a mark that is lost is made again, and no
/// setting of the connection that commits is ever touched. Used by the writer's thread only.</summary>
internal sealed class VerifiedMarks(SqliteStoreOptions options) : IDisposable
{
    private SqliteDatabase? _database;

    /// <summary>Marks the signatures at the ends of held segments; others are ignored.</summary>
    public void Mark(IReadOnlyList<EventId> heads)
    {
        var database = _database ??= Open();
        database.Execute("begin immediate");
        try
        {
            var bodies = new BodyWriter(database);
            foreach (var head in heads) bodies.MarkVerified(head);
            database.Execute("commit");
        }
        finally
        {
            if (database.InTransaction) database.Execute("rollback");
        }
    }

    public void Dispose() => _database?.Dispose();

    private SqliteDatabase Open()
    {
        var database = SqliteDatabase.Open(options.Path, SqliteOpenMode.ReadWrite, options.BusyWait);
        // Only checkpoints would sync here; they are left to the connection that commits.
        database.Execute("pragma synchronous = normal; pragma wal_autocheckpoint = 0;");
        return database;
    }
}
