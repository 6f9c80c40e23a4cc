using System.Text.Json;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>Where the node that runs on a data folder can be reached: <c>node.json</c> in that folder. Removed at a clean stop; after
/// a kill it is stale, and nobody answers at its address.</summary>
/// <param name="Pid">The node's process.</param>
/// <param name="Api">Its API.</param>
/// <param name="Gossip">Its gossip listener; null when it has none.</param>
/// <param name="StartedAt">When it started.</param>
public sealed record NodeFile(int Pid, Uri Api, Uri? Gossip, DateTimeOffset StartedAt)
{
    /// <summary>Name of the file within a data folder.</summary>
    public const string Name = "node.json";

    /// <summary>Version of the file's shape.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = 1;

    /// <summary>Reads it; null when there is none, or none that can be read.</summary>
    public static NodeFile? Find(string dataFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(dataFolder, Name)), DoorJson.Default.NodeFile);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads it if a process holds the folder's lock; else it is what a kill left, or came with a copy of the folder: the node it
    /// names then runs on another one.</summary>
    public static NodeFile? FindHeld(string dataFolder) => Find(dataFolder) is { } file && NodeStore.IsHeld(dataFolder) ? file : null;

    /// <summary>Writes it, whole or not at all, for its owner alone.</summary>
    public void Write(string dataFolder)
    {
        PrivateFile.Replace(Path.Combine(dataFolder, Name), JsonSerializer.SerializeToUtf8Bytes(this, DoorJson.Default.NodeFile));
    }

    /// <summary>Removes it; nothing happens when there is none.</summary>
    public static void Remove(string dataFolder) => File.Delete(Path.Combine(dataFolder, Name));
}
