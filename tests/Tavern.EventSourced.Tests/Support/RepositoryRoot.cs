namespace Tavern.EventSourced.Tests.Support;

/// <summary>Finds files of the repository, for tests that hold documents to their word.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    public static string Read(string relative) => File.ReadAllText(System.IO.Path.Combine(Path, relative));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Tavern.EventSourced.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Tavern.EventSourced.sln.");
    }
}
