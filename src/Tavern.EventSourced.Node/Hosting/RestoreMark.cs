using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The file <c>restored</c> in a data folder: whoever puts an older copy of the folder back leaves it there, and the node begins
/// a new epoch instead of trusting the log. Gone once that epoch has begun.</summary>
public static class RestoreMark
{
    private const string FileName = "restored";

    /// <summary>True when the folder is marked.</summary>
    public static bool IsSet(string dataFolder) => File.Exists(PathIn(dataFolder));

    /// <summary>Marks the folder. When the method returns, the mark survives power loss.</summary>
    public static void Set(string dataFolder) => PrivateFile.TryCreateEmpty(PathIn(dataFolder));

    /// <summary>Takes the mark away.</summary>
    public static void Clear(string dataFolder) => File.Delete(PathIn(dataFolder));

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, FileName);
}
