namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The data folder was opened for reading only: no gossip, no writes.</summary>
public sealed class NodeReadOnlyException(string dataFolder)
    : InvalidOperationException($"The data folder {dataFolder} is open for reading only. Start its node to write, spawn or gossip.")
{
    /// <summary>The folder.</summary>
    public string DataFolder { get; } = dataFolder;
}
