using System.Globalization;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Compares a database's tables and indexes with those that the migrations of this version make.</summary>
internal static class SqliteSchemaCheck
{
    /// <summary>True when the tables are this version's, so that their rows can be read.</summary>
    /// <exception cref="StoreRefusedException">Another program or another version wrote the database.</exception>
    public static bool Run(SqliteDatabase database, Findings findings)
    {
        SqliteSchema.RequireOursOrEmpty(database);
        var (found, expected) = (SqliteObjects.Of(database), SqliteObjects.After(SqliteMigration.All.Length));
        var rows = found.ContainsKey("migrations") ? MigrationsOf(database) : [];
        if (rows.Any(row => row.Number > SqliteMigration.All.Length)) SqliteSchema.RequireCurrent(database); // throws: a newer version's
        var wrong = expected.Keys.Union(found.Keys).Where(name => found.GetValueOrDefault(name) != expected.GetValueOrDefault(name)).Order(StringComparer.Ordinal).ToList();
        if (wrong.Count > 0 && rows.Count > 0 && rows.Count < SqliteMigration.All.Length && rows.SequenceEqual(KnownMigrations().Take(rows.Count)))
            SqliteSchema.RequireCurrent(database); // throws: an older version's
        foreach (var name in wrong)
            findings.Add("sqlite_schema", name, found.ContainsKey(name) ? "It is not what this version's migrations make." : "It is missing.", Advice.Rederive);
        if (wrong.Count == 0 && !rows.SequenceEqual(KnownMigrations()))
            findings.Add("migrations", "", WhatOf(rows), Advice.Rederive);
        return wrong.Count == 0;
    }

    private static string WhatOf(List<(long Number, string Name, string Checksum)> rows) =>
        (rows.Count == 0 ? "No step is listed" : $"The steps are {string.Join(", ", rows.Select(row => row.Name))}, or have other checksums")
        + $"; the tables are those of {SqliteMigration.All[^1].Name}.";

    private static List<(long Number, string Name, string Checksum)> KnownMigrations() =>
        [.. SqliteMigration.All.Select(known => ((long)known.Number, known.Name, known.Checksum.ToString()))];

    private static List<(long Number, string Name, string Checksum)> MigrationsOf(SqliteDatabase database)
    {
        var (rows, found) = (database.Prepare("select number, name, checksum, applied_at from migrations order by number"), new List<(long, string, string)>());
        while (rows.Step())
            found.Add((rows.Int64(0), rows.Text(1), DateTime.TryParse(rows.Text(3), CultureInfo.InvariantCulture, out _) ? rows.Text(2) : "no time"));
        return found;
    }
}
