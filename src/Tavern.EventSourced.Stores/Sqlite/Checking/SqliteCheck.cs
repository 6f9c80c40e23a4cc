using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>What a check of a database found out, besides its findings.</summary>
/// <param name="Check">What is known of its rows; null when none could be read.</param>
/// <param name="Torn">Tables with rows that SQLite cannot read.</param>
/// <param name="IsReadable">False when SQLite cannot read the file at all, or its tables are not ours.</param>
public sealed record SqliteCheckResult(StoreCheck? Check, IReadOnlySet<string> Torn, bool IsReadable);

/// <summary>Checks a database file: SQLite's own account of it first, then every row by the rules of <see cref="StoreCheck"/>. It only
/// reads, in one transaction, so a node may run beside it.</summary>
public static class SqliteCheck
{
    private const int OwnFindingsMax = 100; // SQLite names each damaged page and row; the first ones tell the story
    private const int ProgressEvery = 512;

    /// <summary>Reads all of it.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="expected">What it should belong to.</param>
    /// <param name="verifier">Checks signatures.</param>
    /// <param name="findings">Where findings go.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">Another program or another version wrote it.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened now.</exception>
    public static SqliteCheckResult Run(
        string path, StoreExpectation expected, ISignatureVerifier verifier, Findings findings, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            using var database = DamagedDatabase.Open(path, out var truncation);
            if (truncation is not null) findings.Add(Path.GetFileName(path), "", $"The file is shorter than it says it is: {truncation}", Advice.Rederive);
            if (!SqliteSchemaCheck.Run(database, findings)) return new SqliteCheckResult(null, new HashSet<string>(), IsReadable: false);
            progress(new CheckProgress("checking pages", 0, 0));
            CheckPages(database, findings);
            CheckOwner(database, findings);
            return CheckRows(database, expected, verifier, findings, progress, cancellationToken);
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException) || SqliteErrors.IsUnreadable(e.InnerException))
        {
            findings.Add(Path.GetFileName(path), "", $"SQLite cannot read the file: {e.InnerException!.Message}", Advice.Rederive);
            return new SqliteCheckResult(null, new HashSet<string>(), IsReadable: false);
        }
    }

    private static SqliteCheckResult CheckRows(
        SqliteDatabase database, StoreExpectation expected, ISignatureVerifier verifier, Findings findings, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        var check = new StoreCheck(expected, verifier, findings);
        var scan = new SqliteScan(database, (table, place, what) => findings.Add(table, place, $"SQLite cannot read what follows: {what}", table is "events" ? Advice.Refetch : Advice.Rederive));
        var total = Try(() => database.FindInt64("select max(position) from events")) ?? 0;
        foreach (var row in scan.Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            check.Add(row);
            if (check.Events % ProgressEvery == 0) progress(new CheckProgress("checking events", check.Events, total));
        }

        check.End();
        return new SqliteCheckResult(check, scan.Torn, IsReadable: true);
    }

    private static void CheckPages(SqliteDatabase database, Findings findings)
    {
        var rows = database.Prepare($"pragma integrity_check({OwnFindingsMax})");
        try
        {
            while (rows.Step())
                if (rows.Text(0) is not "ok") findings.Add(Path.GetFileName(database.Path), "", $"SQLite says: {rows.Text(0)}", Advice.Rederive);
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException) || SqliteErrors.IsUnreadable(e.InnerException))
        {
            findings.Add(Path.GetFileName(database.Path), "", $"SQLite cannot check its own pages to the end: {e.InnerException!.Message}", Advice.Rederive);
        }
    }

    private static void CheckOwner(SqliteDatabase database, Findings findings)
    {
        if (Try(() => database.FindInt64("select token from owner where id = 1")) is not >= 1)
            findings.Add("owner", "", "It does not say who opened the store last. Without that a second process would not be noticed.", "Start the node once: it writes the row anew.");
    }

    private static long? Try(Func<long?> read)
    {
        try
        {
            return read();
        }
        catch (StoreUnavailableException e) when (SqliteErrors.IsDamage(e.InnerException) || SqliteErrors.IsUnreadable(e.InnerException))
        {
            return null;
        }
    }
}
