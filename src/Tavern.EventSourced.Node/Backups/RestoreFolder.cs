using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>A data folder while it is restored: everything is made in a folder within it and moved when it is whole, tavern.json last. A folder
/// without tavern.json is no tavern's, so whatever cuts this short leaves none, and the next restore begins again. Within, because a data folder
/// can be a mount point, which nothing can be renamed to.</summary>
internal static class RestoreFolder
{
    private const string Building = ".restoring";
    private const string TavernFileName = "tavern.json";

    /// <summary>What a folder may hold and be empty: the lock that is taken to restore, and what a new file system comes with.</summary>
    private static readonly string[] Nothing = ["owner.lock", "owner.txt", "lost+found"];

    /// <summary>What a restore makes, in the order in which it is moved.</summary>
    private static readonly string[] Made = ["restored", "events.db", "store.json", TavernFileName];

    /// <summary>Refuses a folder that holds something.</summary>
    /// <exception cref="StoreRefusedException">With its name and what it holds.</exception>
    public static void RequireFree(string folder)
    {
        if (File.Exists(folder)) throw new StoreRefusedException($"{folder} is a file. Name a folder that is missing or empty.");
        if (!Directory.Exists(folder)) return;
        if (TavernFile.Exists(folder)) throw new StoreRefusedException($"{folder} holds a tavern already. A backup is restored into a folder that is missing or empty; nothing was changed.");
        var wasCutShort = Directory.Exists(Path.Combine(folder, Building));
        var other = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).OfType<string>()
            .Where(name => name != Building && !Nothing.Contains(name) && !(wasCutShort && Made.Contains(name))).Order(StringComparer.Ordinal).FirstOrDefault();
        if (other is not null) throw new StoreRefusedException($"{folder} holds {other}. A backup is restored into a folder that is missing or empty; nothing was changed.");
    }

    /// <summary>Begins, and takes away what an attempt left that was cut short. Returns where to make what will be moved. The caller holds the folder's lock.</summary>
    public static string Begin(string folder)
    {
        RequireFree(folder);
        Abandon(folder);
        var building = Path.Combine(folder, Building);
        PrivateFile.CreateFolder(building);
        return building;
    }

    /// <summary>Takes away what was made.</summary>
    public static void Abandon(string folder)
    {
        var building = Path.Combine(folder, Building);
        if (!Directory.Exists(building)) return;
        foreach (var name in Made.Reverse()) File.Delete(Path.Combine(folder, name));
        Directory.Delete(building, recursive: true);
    }

    /// <summary>Moves what was made to its places. With the last of them the folder is a tavern's.</summary>
    public static void Complete(string folder)
    {
        var building = Path.Combine(folder, Building);
        foreach (var name in Made)
            if (File.Exists(Path.Combine(building, name))) PrivateFile.Rename(Path.Combine(building, name), Path.Combine(folder, name));
        Directory.Delete(building, recursive: true);
    }
}
