namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A file of a data folder, or an invitation, is missing, in the way, or cannot be read. The message says what to do.</summary>
public sealed class NodeFileException(string message, Exception? inner = null) : IOException(message, inner);
