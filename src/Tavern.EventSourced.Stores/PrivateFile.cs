using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Tavern.EventSourced.Stores;

/// <summary>Files and folders for their owner alone (0600 and 0700), whole or not at all. What a method here made or wrote survives
/// power loss when it returns. On Windows the folder's access list rules instead of modes, and names are left to its journal.</summary>
internal static class PrivateFile
{
    private const int FileExists = 17; // EEXIST, the same on Linux, macOS and the BSDs

    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode0700 = FileMode0600 | UnixFileMode.UserExecute;

    /// <summary>How to open a file that may have to be made.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode0600;
        return options;
    }

    /// <summary>Makes a folder unless it is there. Missing ones above it get the usual rights.</summary>
    public static void CreateFolder(string folder)
    {
        var missing = new List<string>();
        for (var at = Path.GetFullPath(folder); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at)) missing.Add(at);
        if (missing.Count == 0) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, FolderMode0700);
        foreach (var made in missing) FlushFolderOf(made);
    }

    /// <summary>Makes an empty file. False when one of that name is there.</summary>
    public static bool TryCreateEmpty(string path)
    {
        try
        {
            new FileStream(path, Options(FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite)).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }

        FlushFolderOf(path);
        return true;
    }

    /// <summary>Makes a file with its content. False when one of that name is there: it stays as it is.</summary>
    public static bool TryCreate(string path, ReadOnlySpan<byte> content)
    {
        var fresh = FreshNameFor(path);
        try
        {
            WriteFresh(fresh, content);
            if (!TryName(fresh, path)) return false;
        }
        finally
        {
            File.Delete(fresh);
        }

        FlushFolderOf(path);
        return true;
    }

    /// <summary>Makes a file, or replaces it: readers see the old content or the new, never half of it.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var fresh = FreshNameFor(path);
        try
        {
            WriteFresh(fresh, content);
            File.Move(fresh, path, overwrite: true);
        }
        finally
        {
            File.Delete(fresh);
        }

        FlushFolderOf(path);
    }

    /// <summary>Gives a file another name, which must be free or is replaced.</summary>
    public static void Rename(string path, string name)
    {
        File.Move(path, name, overwrite: true);
        FlushFolderOf(name);
    }

    /// <summary>Gives a finished file another name. False when that is taken: nothing was changed then.</summary>
    public static bool TryRename(string path, string name)
    {
        if (!TryName(path, name)) return false;
        File.Delete(path); // of two names for one file the first
        FlushFolderOf(name);
        return true;
    }

    private static string FreshNameFor(string path) => $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.new";

    private static void WriteFresh(string fresh, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(fresh, Options(FileMode.CreateNew, FileAccess.Write, FileShare.None));
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    // Gives a finished file its name. A move first looks whether the name is free and then renames: whoever comes in between loses
    // its file. A second link to the file fails instead, in one step.
    private static bool TryName(string fresh, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(fresh, path) == 0) return true;
            if (Marshal.GetLastPInvokeError() == FileExists) return false;
        }

        try
        {
            File.Move(fresh, path); // Windows moves in one step; of the others, only file systems without hard links come here
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    // The file API opens no folders, and without this a new name may not survive power loss.
    private static void FlushFolderOf(string path)
    {
        if (OperatingSystem.IsWindows() || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder) return;
        using var handle = new SafeFileHandle(OpenReadOnly(folder, 0), ownsHandle: true);
        if (handle.IsInvalid) throw new IOException($"The folder {folder} cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string added);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenReadOnly([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
