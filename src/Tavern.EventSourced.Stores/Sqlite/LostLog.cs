namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Refuses a store whose log is gone. A node that starts on an empty log gets other agents' events back, but not the numbers it
/// gave to its own that had not spread: it would use them twice.</summary>
internal static class LostLog
{
    /// <summary>Before anything is opened: SQLite would make the file, and delete the write-ahead log of one that is missing.</summary>
    /// <exception cref="StoreRefusedException">There must be a database, and the file is missing or empty.</exception>
    public static void RefuseFile(SqliteStoreOptions options)
    {
        if (!options.MustExist) return;
        var file = new FileInfo(options.Path);
        if (!file.Exists) throw Lost(options.Path, "does not exist");
        if (file.Length == 0) throw Lost(options.Path, "is empty");
    }

    /// <summary>After it was opened.</summary>
    /// <exception cref="StoreRefusedException">There must be a log, and there are no tables for one.</exception>
    public static void RefuseTables(SqliteStoreOptions options, SqliteDatabase database)
    {
        if (options.MustExist && SqliteSchema.CountWhole(database) == 0) throw Lost(options.Path, "holds no tables");
    }

    private static StoreRefusedException Lost(string path, string how) => new(
        $"The log of this folder is gone: {path} {how}, but a store was here. A node that knows seeds gets back what they have, and begins a new"
        + " epoch so that no number is used twice; this folder is only read, or its tavern.json names no seeds. Restore the newest copy of the log, with its"
        + " -wal if there is one; if there is no copy, join with a new invitation in another folder. tavern fsck says what else is wrong.")
    {
        IsDamaged = true,
        IsLost = true,
    };
}
