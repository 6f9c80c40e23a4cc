using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>Turns SQLite's result codes into the store's exceptions, in plain words. Source: sqlite.org/rescode.html.</summary>
internal static class SqliteErrors
{
    private const string Full = "cannot grow: the disk is full. Free space; the same batch may be tried again.";

    /// <summary>The exception for a failed call. A constraint or a misuse is a bug of ours and stays what it is.</summary>
    public static Exception ToException(string path, SqliteException e)
    {
        if (e.SqliteExtendedErrorCode is raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC)
            return new StoreSyncFailedException($"The disk did not confirm a write to {path}: {e.Message} Stop, check the disk, start again.", e);
        return Cause(path, e.SqliteErrorCode) is { } cause
            ? new StoreUnavailableException($"The store {path} {cause} SQLite says: {e.Message}", e)
            : e;
    }

    /// <summary>True when the file is no database or a damaged one.</summary>
    public static bool IsDamage(Exception? e) => e is SqliteException { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB };

    /// <summary>True when the device cannot read a page of it: what a bad sector does.</summary>
    public static bool IsUnreadable(Exception? e) =>
        e is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_IOERR_READ or raw.SQLITE_IOERR_SHORT_READ };

    /// <summary>True when there is no room for the index of a write-ahead log, the first thing that is made.</summary>
    private static bool IsFull(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace < 32 * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false; // the disk is gone: what SQLite says is all there is to say
        }
    }

    private static string? Cause(string path, int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another program: a database shell, a backup. The same batch may be tried again.",
        raw.SQLITE_FULL => Full,
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN when IsFull(path) => Full, // the files beside the database cannot grow either
        raw.SQLITE_READONLY or raw.SQLITE_PERM => "may not be written. Check the permissions of the file and its folder.",
        raw.SQLITE_CANTOPEN => "cannot be opened. Check that it exists and that its folder may be written.",
        raw.SQLITE_IOERR => "cannot be read or written: the disk fails or is gone.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "is damaged. tavern fsck says what is wrong, and repairs what other agents have.",
        raw.SQLITE_NOMEM => "cannot be used: out of memory.",
        _ => null,
    };
}
