using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The store in a data folder.</summary>
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

    /// <summary>Opens it; for writing under the folder's lock.</summary>
    /// <exception cref="StoreRefusedException">Another process holds it, it is damaged, or it must exist and does not.</exception>
    public static async ValueTask<IEventStore> OpenAsync(string dataFolder, bool readOnly, bool mustExist, string owner, TimeProvider time, CancellationToken cancellationToken) =>
        await SqliteEventStore.OpenAsync(
            new SqliteStoreOptions { Path = Path.Combine(dataFolder, FileName), ReadOnly = readOnly, MustExist = mustExist, Owner = owner, TimeProvider = time },
            cancellationToken).ConfigureAwait(false);
}
