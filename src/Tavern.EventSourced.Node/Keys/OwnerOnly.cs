namespace Tavern.EventSourced.Node.Keys;

/// <summary>Refuses what others than its owner could read or exchange. On Windows the folder's access list rules instead of modes.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersAny =
        OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static void RequireFolder(string folder)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & OthersWrite) != 0)
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
}
