using System.Globalization;

namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>Puts a repaired database in the place of the damaged one, which keeps all its files under another name. A repaired file that
/// lies ready decides it: whoever opens the store for writing next finishes what was cut short, so there is no moment at which the store
/// would be read without its write-ahead log, or be missing.</summary>
internal static class PendingSwap
{
    private const string Building = ".repairing";
    private const string Ready = ".repaired-";
    private const string Kept = ".damaged-";

    /// <summary>Where a repaired database is built.</summary>
    public static string BuildingFor(string path) => path + Building;

    /// <summary>The same, as an empty file. What an earlier attempt left there is deleted.</summary>
    public static string Begin(string path)
    {
        var building = path + Building;
        foreach (var left in (string[])[building, building + "-journal", building + "-wal", building + "-shm"]) File.Delete(left);
        PrivateFile.TryCreateEmpty(building);
        return building;
    }

    /// <summary>Takes back a database that is not to be used.</summary>
    public static void Abandon(string path) => File.Delete(Begin(path));

    /// <summary>The repaired database is whole: from here on it counts. Returns where the damaged one is kept.</summary>
    public static string Decide(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        PrivateFile.Rename(path + Building, path + Ready + stamp);
        Complete(path);
        return path + Kept + stamp;
    }

    /// <summary>True when a repaired database lies ready.</summary>
    public static bool Exists(string path) => Find(path) is not null;

    /// <summary>Finishes a swap that was decided; nothing happens when none was. The caller holds the store's lock.</summary>
    public static void Complete(string path)
    {
        if (Find(path) is not { } ready) return;
        var kept = path + Kept + ready[(path.Length + Ready.Length)..];
        foreach (var suffix in (string[])["-wal", "-shm", ""]) // the database last: as long as it is there, its log is looked for
            if (File.Exists(path + suffix) && !File.Exists(kept + suffix)) PrivateFile.Rename(path + suffix, kept + suffix);
        PrivateFile.Rename(ready, path);
    }

    private static string? Find(string path) => Directory.Exists(Path.GetDirectoryName(path))
        ? Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + Ready + "*").Order(StringComparer.Ordinal).FirstOrDefault()
        : null;
}
