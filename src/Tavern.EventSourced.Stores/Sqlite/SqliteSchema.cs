using System.Globalization;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Migrations;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Brings a database to the schema this version reads, forward only, or refuses it.</summary>
internal static class SqliteSchema
{
    private const int ApplicationId = 0x5456524E; // "TVRN" in the file's header: tells our files from other programs' databases

    /// <summary>Refuses a database that another program wrote, before anything in it is touched.</summary>
    /// <exception cref="StoreRefusedException">It is not a Tavern store.</exception>
    public static void RequireOursOrEmpty(SqliteDatabase database)
    {
        var found = database.FindInt64("pragma application_id");
        if (found == ApplicationId || (found == 0 && database.FindInt64("select count(*) from sqlite_schema") == 0)) return;
        throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
            $"{database.Path} is a database of another program (application id {found:x8}, expected {ApplicationId:x8}). Name another path."));
    }

    /// <summary>Applies what is missing, in one transaction.</summary>
    /// <exception cref="StoreRefusedException">A newer version wrote the database.</exception>
    public static void Migrate(SqliteDatabase database, DateTimeOffset now)
    {
        database.Execute("begin immediate");
        try
        {
            var applied = CountWhole(database);
            database.Execute(SqliteObjects.MigrationsTable);
            foreach (var migration in SqliteMigration.All.Skip(applied))
            {
                database.Execute(migration.Script);
                database.Prepare("insert into migrations (number, name, checksum, applied_at) values (@number, @name, @checksum, @applied_at)")
                    .Bind(1, migration.Number).Bind(2, migration.Name).Bind(3, migration.Checksum.ToString())
                    .Bind(4, now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)).Run();
            }

            database.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
            database.Execute("commit");
        }
        finally
        {
            if (database.InTransaction) database.Execute("rollback");
        }
    }

    /// <summary>Refuses a database that cannot be read as it is.</summary>
    /// <exception cref="StoreRefusedException">It is empty, or its schema is not this version's.</exception>
    public static void RequireCurrent(SqliteDatabase database)
    {
        RequireOursOrEmpty(database);
        var applied = CountWhole(database);
        if (applied == SqliteMigration.All.Length) return;
        throw new StoreRefusedException(applied == 0
            ? $"{database.Path} is empty: its node has not run to the end of its first start. Start it once."
            : $"{database.Path} has schema {applied}; this version reads schema {SqliteMigration.All.Length}. Start its node once: that brings it up to date.");
    }

    /// <summary>How many of the known steps were applied, and that the tables are those which they make.</summary>
    /// <exception cref="StoreRefusedException">Others were, too; or tables and steps do not fit together.</exception>
    public static int CountWhole(SqliteDatabase database)
    {
        var found = SqliteObjects.Of(database);
        var applied = found.ContainsKey("migrations") ? CountApplied(database) : 0;
        var (expected, latest) = (SqliteObjects.After(applied), SqliteObjects.After(SqliteMigration.All.Length));
        var flaw = expected.Keys.FirstOrDefault(name => found.GetValueOrDefault(name) is var made && made != expected[name] && (made is null || !IsLatest(name))) is { } wrong
            ? found.ContainsKey(wrong) ? $"{wrong} is not what this version makes" : $"{wrong} is missing"
            : latest.Keys.FirstOrDefault(name => IsLatest(name) && expected.GetValueOrDefault(name) != latest[name]) is { } early
                ? $"the table migrations lacks the step that made {early}"
                : null;
        return flaw is null
            ? applied
            : throw new StoreRefusedException($"The store {database.Path} is damaged: {flaw}. tavern fsck says what is wrong, and repairs what other agents have.") { IsDamaged = true };

        bool IsLatest(string name) => found.TryGetValue(name, out var made) && latest.TryGetValue(name, out var last) && made == last;
    }

    /// <summary>How many of the known steps were applied, up to the first that is not listed.</summary>
    /// <exception cref="StoreRefusedException">Others were, too.</exception>
    public static int CountApplied(SqliteDatabase database)
    {
        var applied = database.Prepare("select number, name, checksum from migrations order by number");
        var count = 0;
        try
        {
            while (applied.Step())
            {
                var known = SqliteMigration.All.ElementAtOrDefault(count);
                if (known is not null && SqliteMigration.All.Any(later => later.Number > known.Number && later.Number == applied.Int64(0) && later.Checksum == Hash.Parse(applied.Text(2)))) break;
                if (known is null || known.Number != applied.Int64(0) || known.Checksum != Hash.Parse(applied.Text(2)))
                    throw Newer(database.Path, applied.Text(1), known);
                count++;
            }
        }
        finally
        {
            applied.Reset();
        }

        return count;
    }

    private static StoreRefusedException Newer(string path, string found, StoreMigration? known) => new(
        $"{path} was written by another version: its schema holds step {found}, "
        + (known is null ? $"this version knows steps up to {SqliteMigration.All[^1].Name}." : $"which is not the {known.Name} of this version.")
        + " Start a version that knows it; a schema never goes back.");
}
