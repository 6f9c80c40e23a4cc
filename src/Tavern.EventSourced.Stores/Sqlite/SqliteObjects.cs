using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The tables and indexes of a database, by name, with what made each.</summary>
internal static class SqliteObjects
{
    /// <summary>Makes the table that says which steps were applied.</summary>
    public const string MigrationsTable = """
        create table if not exists migrations (
          number integer primary key, name text not null, checksum text not null, applied_at text not null) strict
        """;

    private static readonly ConcurrentDictionary<int, IReadOnlyDictionary<string, string>> Made = new();

    /// <summary>Those that a database has.</summary>
    public static IReadOnlyDictionary<string, string> Of(SqliteDatabase database)
    {
        var (rows, found) = (database.Prepare("select name, type || ' ' || tbl_name || ' ' || coalesce(sql, '') from sqlite_schema"), new Dictionary<string, string>());
        while (rows.Step()) found[rows.Text(0)] = rows.Text(1);
        return found;
    }

    /// <summary>Those that the first so many migrations of this version make; none are needed before the first.</summary>
    public static IReadOnlyDictionary<string, string> After(int steps) => Made.GetOrAdd(steps, static count =>
    {
        if (count == 0) return new Dictionary<string, string>();
        using var fresh = SqliteDatabase.Open(":memory:", SqliteOpenMode.Memory, TimeSpan.Zero);
        fresh.Execute(MigrationsTable);
        foreach (var migration in SqliteMigration.All.Take(count)) fresh.Execute(migration.Script);
        return Of(fresh);
    });
}
