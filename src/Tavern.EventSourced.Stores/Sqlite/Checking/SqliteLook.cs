using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>What a glance at a database shows; it takes no lock and changes nothing.</summary>
/// <param name="Migrations">Steps of the schema that were applied.</param>
/// <param name="MigrationsKnown">Steps that this version knows.</param>
/// <param name="JournalMode">As SQLite says.</param>
/// <param name="Events">Highest position of a record.</param>
/// <param name="Heads">When the last event of each chain was written, by its writer's clock.</param>
public sealed record SqliteLook(int Migrations, int MigrationsKnown, string JournalMode, long Events, IReadOnlyList<(ChainId Chain, DateTimeOffset At)> Heads)
{
    /// <summary>Looks.</summary>
    /// <exception cref="StoreRefusedException">Another program or another version wrote it.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be read.</exception>
    public static SqliteLook At(string path)
    {
        using var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, TimeSpan.FromSeconds(5));
        SqliteSchema.RequireOursOrEmpty(database);
        var applied = SqliteSchema.CountWhole(database);
        if (applied == 0) SqliteSchema.RequireCurrent(database); // throws: there are no tables to look at
        var heads = new List<(ChainId, DateTimeOffset)>();
        var rows = database.Prepare("""
            select e.header from segments s join events e on e.position = s.position + s.last - s.first
            where s.last = (select max(last) from segments where chain = s.chain)
            """);
        while (rows.Step())
        {
            try
            {
                var header = EventHeader.Decode(rows.Blob(0));
                heads.Add((header.Id.Chain, DateTimeOffset.FromUnixTimeMilliseconds(header.Time.Milliseconds)));
            }
            catch (MalformedRecordException)
            {
                // A check says so; here it is only about times.
            }
        }

        return new SqliteLook(
            applied, SqliteMigration.All.Length, database.FindText("pragma journal_mode") ?? "", database.FindInt64("select max(position) from events") ?? 0, heads);
    }
}
