using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The steps of a database, for people who plan an upgrade.</summary>
internal static class SqliteMigrations
{
    /// <summary>What was applied and what is to come. Changes nothing.</summary>
    /// <exception cref="StoreRefusedException">A newer version or another program wrote the database.</exception>
    public static IReadOnlyList<MigrationStep> Plan(string path)
    {
        List<string> applied = [];
        if (File.Exists(path) && new FileInfo(path).Length > 0)
        {
            using var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, new SqliteStoreOptions { Path = path }.BusyWait);
            SqliteSchema.RequireOursOrEmpty(database);
            if (SqliteSchema.CountWhole(database) > 0)
            {
                var rows = database.Prepare("select applied_at from migrations order by number");
                while (rows.Step()) applied.Add(rows.Text(0));
            }
        }

        return [.. SqliteMigration.All.Select((step, i) => new MigrationStep(step.Number, step.Name, step.Checksum.ToString(), applied.ElementAtOrDefault(i)))];
    }
}
