using Microsoft.Data.Sqlite;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Opens a database that may be damaged, for reading, in a transaction.</summary>
internal static class DamagedDatabase
{
    private static readonly TimeSpan BusyWait = TimeSpan.FromSeconds(5);

    /// <summary>Opens it. SQLite reads nothing of a file that is shorter than its header says, unless the schema may be written; then it
    /// reads the pages that are left. The connection cannot write all the same.</summary>
    /// <param name="path">The file.</param>
    /// <param name="truncation">What SQLite said when it would not read a file that was cut off; null when it reads it.</param>
    /// <exception cref="StoreUnavailableException">It cannot be read at all.</exception>
    public static SqliteDatabase Open(string path, out string? truncation)
    {
        var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, BusyWait);
        try
        {
            truncation = Refusal(database);
            if (truncation is not null)
            {
                database.Execute("pragma writable_schema = on");
                _ = database.FindInt64("select count(*) from sqlite_schema");
            }

            database.Execute("begin");
            _ = database.FindInt64("select count(*) from sqlite_schema"); // the transaction's view of the file is fixed by its first read
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static string? Refusal(SqliteDatabase database)
    {
        try
        {
            _ = database.FindInt64("pragma schema_version");
            _ = database.FindInt64("select count(*) from sqlite_schema");
            return null;
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException))
        {
            return e.InnerException!.Message;
        }
    }
}
