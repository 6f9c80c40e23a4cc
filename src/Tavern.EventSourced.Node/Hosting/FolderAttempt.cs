using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An attempt that may have to make a data folder. Unless it is kept, the folders that were missing when it began go away again with
/// it, as far as they hold nothing but the lock that was taken for the attempt.</summary>
public sealed class FolderAttempt : IDisposable
{
    private static readonly string[] LockFiles = ["owner.lock", "owner.txt"];

    private readonly string _folder;
    private readonly List<string> _missing = []; // innermost first
    private bool _kept;

    /// <summary>Begins; makes nothing.</summary>
    public FolderAttempt(string folder)
    {
        _folder = Path.GetFullPath(folder);
        for (var at = _folder; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at)) _missing.Add(at);
    }

    /// <summary>What was made stays.</summary>
    public void Keep() => _kept = true;

    /// <summary>Takes away what was made, if it is not kept. The lock of the folder must be free by then.</summary>
    public void Dispose()
    {
        if (_kept || _missing.Count == 0 || !Directory.Exists(_folder) || OwnerLock.IsHeld(_folder)) return;
        if (Directory.EnumerateFileSystemEntries(_folder).Any(entry => !LockFiles.Contains(Path.GetFileName(entry)))) return;
        foreach (var file in LockFiles) File.Delete(Path.Combine(_folder, file));
        foreach (var folder in _missing.TakeWhile(folder => !Directory.EnumerateFileSystemEntries(folder).Any())) Directory.Delete(folder);
    }
}
