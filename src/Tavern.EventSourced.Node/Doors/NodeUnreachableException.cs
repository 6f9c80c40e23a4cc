namespace Tavern.EventSourced.Node.Doors;

/// <summary>No node answers at an address.</summary>
public sealed class NodeUnreachableException(Uri? node, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Where it was looked for; null when no address is known.</summary>
    public Uri? Node { get; } = node;
}
