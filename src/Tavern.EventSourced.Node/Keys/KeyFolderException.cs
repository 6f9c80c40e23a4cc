namespace Tavern.EventSourced.Node.Keys;

/// <summary>A key cannot be stored or used: it is missing, held already, open to others, or not a key. The message says what to do.</summary>
public sealed class KeyFolderException(string message, Exception? inner = null) : IOException(message, inner);
