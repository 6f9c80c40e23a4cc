namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>Copies folders whole.</summary>
internal static class FolderCopy
{
    /// <summary>Copies a folder, with all in it and with who may read it, to where there is none.</summary>
    public static void Make(string from, string to)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(to, File.GetUnixFileMode(from));
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from)) Make(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
