using System.Security.Cryptography;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Small files for their owner alone (0600; folders 0700). On Windows the folder's access list rules instead.</summary>
internal static class PrivateFile
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder unless it is there.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, FileMode600 | UnixFileMode.UserExecute);
    }

    /// <summary>Writes or replaces a file, whole or not at all.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, bool replace = true)
    {
        var fresh = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.new";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode600;
            using (var stream = new FileStream(fresh, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, replace);
        }
        finally
        {
            File.Delete(fresh);
        }
    }
}
