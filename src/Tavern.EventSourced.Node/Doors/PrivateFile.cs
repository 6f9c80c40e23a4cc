namespace Tavern.EventSourced.Node.Doors;

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file whole or not at all, over an older one.</summary>
    public static void Replace(string file, ReadOnlySpan<byte> content)
    {
        var fresh = $"{file}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerReadWrite;
        using (var stream = new FileStream(fresh, options)) stream.Write(content);
        File.Move(fresh, file, overwrite: true);
    }

    /// <summary>Makes a folder that only its owner may enter.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerReadWrite | UnixFileMode.UserExecute);
    }
}
