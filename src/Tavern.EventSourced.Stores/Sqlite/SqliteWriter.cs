using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The writing side: one commit is one transaction and one sync. Used by the writer's thread only.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly long _token;
    private readonly BodyWriter _bodies;
    private readonly LogWriter _logs;
    private readonly PositionWriter _positions;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _findToken;
    private StoreSyncFailedException? _syncFailure;

    private SqliteWriter(SqliteDatabase database, long token)
    {
        _database = database;
        _token = token;
        _bodies = new BodyWriter(database);
        _logs = new LogWriter(database, _bodies);
        _positions = new PositionWriter(database, _bodies, _logs);
        // Immediate: the lock is taken before anything is read, so what was checked still holds at the commit.
        _begin = database.Prepare("begin immediate");
        _commit = database.Prepare("commit");
        _findToken = database.Prepare("select token, description from owner");
    }

    /// <summary>Opens the database for writing: creates it, brings it up to date, becomes its owner.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="holder">Who the new owner is, for people.</param>
    /// <exception cref="StoreRefusedException">It is another program's, a newer version's, or cannot be made durable.</exception>
    public static SqliteWriter Open(SqliteStoreOptions options, string holder)
    {
        var database = SqliteDatabase.Open(options.Path, SqliteOpenMode.ReadWrite, options.BusyWait);
        try
        {
            SqliteSchema.RequireOursOrEmpty(database);
            LostLog.RefuseTables(options, database);
            MakeDurable(database, options.Synchronous);
            SqliteSchema.Migrate(database, options.TimeProvider.GetUtcNow());
            _ = database.FindInt64("select max(position) from events"); // what was written last is what a failing disk tears first
            if (options.PagesMax is { } pages) database.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma max_page_count = {pages}"));
            return new SqliteWriter(database, TakeOver(database, holder));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Makes a batch durable, or changes nothing.</summary>
    /// <exception cref="StoreConflictException">It contradicts what is held.</exception>
    /// <exception cref="StoreFencedException">Another process owns the store by now.</exception>
    public void Commit(StoreBatch batch)
    {
        // After a failed sync the kernel may have dropped the pages it could not write: the next one would "succeed" over a hole.
        if (_syncFailure is not null) throw _syncFailure;
        try
        {
            _begin.Run();
            RequireOwner();
            Write(batch);
            _commit.Run();
        }
        catch (StoreSyncFailedException e)
        {
            _syncFailure = e;
            throw;
        }
        finally
        {
            if (_database.InTransaction) _database.Execute("rollback");
        }
    }

    /// <summary>How this connection commits, as SQLite says.</summary>
    public SqliteDurability Durability() => DurabilityOf(_database);

    public void Dispose() => _database.Dispose();

    private void Write(StoreBatch batch)
    {
        _bodies.Begin();
        _logs.Begin();
        foreach (var segment in batch.Segments) _bodies.Add(segment);
        foreach (var run in batch.Runs) _logs.Add(run);
        foreach (var receipt in batch.Receipts) _logs.Add(receipt);
        foreach (var entry in batch.IdempotencyEntries) _logs.Add(entry);
        foreach (var step in batch.PositionSteps) _positions.Add(step);
    }

    private void RequireOwner()
    {
        var found = _findToken.Step() ? _findToken.Int64(0) : 0;
        if (found == _token)
        {
            _findToken.Reset();
            return;
        }

        var holder = found == 0 ? "nobody" : _findToken.Text(1);
        _findToken.Reset();
        throw new StoreFencedException(
            $"The store {_database.Path} is owned by {holder} now (token {found}, ours is {_token}). This process must stop.");
    }

    private static void MakeDurable(SqliteDatabase database, string synchronous)
    {
        // A reader that is slow makes the WAL grow; afterwards it is cut back to 64 MiB, about a minute of busy writing.
        database.Execute($"pragma journal_mode = wal; pragma synchronous = {synchronous}; pragma journal_size_limit = 67108864;");
        var found = DurabilityOf(database);
        if (found == new SqliteDurability("wal", SqliteDurability.Full)) return;
        throw new StoreRefusedException(
            $"{database.Path} cannot be made durable: journal_mode is {found.JournalMode}, expected wal; synchronous is {found.Synchronous},"
            + $" expected {SqliteDurability.Full} (full). Keep it on a local disk.");
    }

    private static SqliteDurability DurabilityOf(SqliteDatabase database) =>
        new(database.FindText("pragma journal_mode") ?? "", database.FindInt64("pragma synchronous") ?? 0);

    private static long TakeOver(SqliteDatabase database, string holder)
    {
        var statement = database.Prepare("""
            insert into owner (id, token, description) values (1, 1, @description)
            on conflict (id) do update set token = token + 1, description = excluded.description
            returning token
            """).Bind(1, holder);
        statement.Step();
        var token = statement.Int64(0);
        statement.Run();
        return token;
    }
}
