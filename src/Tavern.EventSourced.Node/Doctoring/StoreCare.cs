using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>The database: its version, how it commits, what a repair left, and whether its events come from the future.</summary>
internal static class StoreCare
{
    private static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(1); // more is marked as suspect everywhere

    /// <summary>Replays the log, as a command that reads it does. Beside a node, which has done so, only says what was not looked at.</summary>
    public static async Task<DoctorLine> ReplayAsync(string folder, string keysFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (NodeStore.IsHeld(folder))
            return DoctorLine.Ok("log", "replayed by the node at its start, not now: only the tables and the last event of each chain were looked at; tavern fsck checks all of it");
        try
        {
            await using var node = await TavernNode.OpenReadOnlyAsync(new NodeOptions { DataFolder = folder, KeysFolder = keysFolder, Time = time }, cancellationToken).ConfigureAwait(false);
            return DoctorLine.Ok("log", "it opens and replays; tavern fsck also checks hashes and signatures");
        }
        catch (Exception e) when (e is StoreRefusedException or StoreUnavailableException)
        {
            return DoctorLine.Problem("log", e.Message, "tavern fsck says more, and repairs what other agents have.");
        }
    }

    public static IEnumerable<DoctorLine> Look(string folder, TavernFile file, DateTimeOffset now)
    {
        var path = NodeStore.PathIn(folder);
        foreach (var kept in Directory.EnumerateFiles(folder, "events.db.damaged-*").Where(file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            yield return DoctorLine.Warning("repair", $"a damaged database is kept as {kept}", $"When all is well: rm {kept}*");
        if (!NodeStore.Exists(folder))
        {
            yield return file.Stored
                ? DoctorLine.Problem("store", "events.db is missing, but a store was here: the log is gone", "Restore its newest copy, with its -wal if there is one; tavern fsck says what else is wrong.")
                : DoctorLine.Warning("store", "there is no events.db yet", "A newcomer's first start makes it. If a node has run here before, restore it from a backup instead.");
            yield break;
        }

        SqliteLook? look = null;
        DoctorLine? trouble = null;
        try
        {
            look = SqliteLook.At(path);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreRefusedException)
        {
            trouble = DoctorLine.Problem("store", e.Message, "tavern fsck says more, and repairs what other agents have.");
        }

        if (trouble is not null) yield return trouble;
        if (look is null) yield break;
        yield return look.Migrations == look.MigrationsKnown
            ? DoctorLine.Ok("store", $"schema {look.Migrations}, {look.Events} events of {look.Heads.Count} chains")
            : DoctorLine.Warning("store", $"schema {look.Migrations}; this version brings it to {look.MigrationsKnown}", "The next start of the node does that.");
        yield return look.JournalMode == "wal"
            ? DoctorLine.Ok("durability", "a write-ahead log; a node commits with synchronous=FULL, reads that back at its start, and refuses to start otherwise")
            : DoctorLine.Warning("durability", $"journal mode {look.JournalMode}: another program changed it", "The next start of the node brings back the write-ahead log.");
        var ahead = look.Heads.Where(head => head.At - now > AheadMax).ToList();
        yield return ahead.Count == 0
            ? DoctorLine.Ok("clock", $"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; no chain's last event is later than that")
            : DoctorLine.Warning(
                "clock", $"it is {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} here, but {ahead[0].Chain} wrote at {ahead[0].At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}",
                "Set the clock here, or there: times are for display only, but people will be misled.");
    }
}
