using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>Files and folders for their owner alone. On Windows the folder's access list rules instead of modes.</summary>
internal static class OwnerOnly
{
    private const int FileExists = 17; // EEXIST, the same on Linux, macOS and the BSDs

    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode700 = FileMode600 | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersAny =
        OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        var missing = new List<string>();
        for (var at = folder; at is not null && !Directory.Exists(at); at = System.IO.Path.GetDirectoryName(at)) missing.Add(at);
        if (missing.Count > 0) Directory.CreateDirectory(folder, FolderMode700);
        foreach (var made in missing) FlushFolder(System.IO.Path.GetDirectoryName(made)!);
        var mode = File.GetUnixFileMode(folder);
        if ((mode & OthersWrite) != 0)
            throw new KeyFolderException($"Others may write to the keys folder {folder} and could exchange keys. Run: chmod 700 {folder}");
    }

    public static byte[] Read(string file, int bytesMax, string what)
    {
        try
        {
            using var handle = File.OpenHandle(file);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & OthersAny) != 0)
                throw new KeyFolderException($"{what} in {file} is open to others than its owner. Run: chmod 600 {file}");
            var length = RandomAccess.GetLength(handle);
            if (length > bytesMax) throw new KeyFolderException($"{what} in {file} has {length} bytes; a key has no more than {bytesMax}.");
            var bytes = new byte[length];
            return bytes[..RandomAccess.Read(handle, bytes, 0)];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyFolderException($"{what} is missing: {file} does not exist. Restore it, or name the folder that holds it with --keys.", e);
        }
    }

    /// <summary>Writes a file that does not exist yet, whole or not at all. When the method returns, it survives power loss.</summary>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        var fresh = $"{file}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.new";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode600;
            using (var stream = new FileStream(fresh, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            Name(fresh, file);
        }
        catch (IOException e) when (e is not KeyFolderException && File.Exists(file))
        {
            throw new KeyFolderException(Held(file), e);
        }
        finally
        {
            File.Delete(fresh);
        }

        FlushFolder(System.IO.Path.GetDirectoryName(file)!);
    }

    // Gives a finished file its name. A move first looks whether the name is free and then renames: whoever comes in between loses
    // its file. A second link to the file fails instead, in one step.
    private static void Name(string fresh, string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(fresh, file) == 0) return;
            if (Marshal.GetLastPInvokeError() == FileExists) throw new KeyFolderException(Held(file));
        }

        File.Move(fresh, file); // Windows moves in one step; of the others, only file systems without hard links come here
    }

    private static string Held(string file) =>
        $"{file} exists and is not overwritten. A key that is gone cannot be made again: move it away first.";

    // The file API opens no folders, and without this a new name may not survive power loss.
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = new SafeFileHandle(OpenReadOnly(folder, 0), ownsHandle: true);
        if (handle.IsInvalid) throw new KeyFolderException($"The folder {folder} cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
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
