using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The store of a data folder: in the folder, or where <see cref="StoreFile"/> says.</summary>
internal static class NodeStore
{
    private const string FileName = "events.db";

    /// <summary>True when the folder holds one.</summary>
    public static bool Exists(string dataFolder) => File.Exists(Path.Combine(dataFolder, FileName));

    /// <summary>Keeps what is left of a store that is gone, under other names: a new one would delete it.</summary>
    public static void PutAsideRest(string dataFolder)
    {
        foreach (var rest in (string[])["-wal", "-shm"])
            if (File.Exists(PathIn(dataFolder) + rest)) PrivateFile.Rename(PathIn(dataFolder) + rest, PathIn(dataFolder) + rest + ".lost");
    }

    /// <summary>True when a process, a node or a repair, holds the folder's lock now. A copy of a folder is held by nobody.</summary>
    public static bool IsHeld(string dataFolder) => OwnerLock.IsHeld(dataFolder);

    /// <summary>Its database file.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, FileName);

    /// <summary>Its files, as a person names them to delete them.</summary>
    public static string FilesIn(string dataFolder) => Path.Combine(dataFolder, FileName) + "*";

    /// <summary>True when <see cref="StoreFile"/> names a schema that holds a log already: opening it for writing would take it from its node.</summary>
    public static async Task<bool> IsTakenAsync(string dataFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (StoreFile.Find(dataFolder) is null) return false;
        try
        {
            await using var store = await OpenAsync(dataFolder, readOnly: true, mustExist: false, "", time, cancellationToken).ConfigureAwait(false);
            return await store.ReadSegmentsAsync(cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreRefusedException)
        {
            return false; // there is none; or opening it for writing says why it is refused
        }
    }

    /// <summary>Opens it; for writing under the folder's lock.</summary>
    /// <exception cref="StoreRefusedException">Another process holds it, it is damaged, or it must exist and does not.</exception>
    public static async ValueTask<IEventStore> OpenAsync(string dataFolder, bool readOnly, bool mustExist, string owner, TimeProvider time, CancellationToken cancellationToken) =>
        StoreFile.Find(dataFolder) is { } remote
        ? await PostgresEventStore.OpenAsync(
            new PostgresStoreOptions
            {
                ConnectionString = remote.Connection,
                Schema = remote.Schema,
                ReadOnly = readOnly,
                MustExist = mustExist,
                Owner = owner,
                LockedFolder = dataFolder,
                TimeProvider = time,
            },
            cancellationToken).ConfigureAwait(false)
        : await SqliteEventStore.OpenAsync(
            new SqliteStoreOptions { Path = Path.Combine(dataFolder, FileName), ReadOnly = readOnly, MustExist = mustExist, Owner = owner, TimeProvider = time },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Opens all its rows as of now, beside whoever writes to it.</summary>
    /// <exception cref="StoreRefusedException">There is none, or it is damaged, or from another version.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be reached now.</exception>
    public static async Task<IStoreSnapshot> OpenSnapshotAsync(string dataFolder, CancellationToken cancellationToken) => StoreFile.Find(dataFolder) is { } remote
        ? await PostgresSnapshot.OpenAsync(remote.Connection, remote.Schema, cancellationToken).ConfigureAwait(false)
        : SqliteSnapshot.Open(PathIn(dataFolder));
}
