namespace Tavern.EventSourced.Wire;

/// <summary>Bytes that were received are not a message, or a message is too large to be sent. Nothing was changed.</summary>
public sealed class MalformedMessageException(string message) : FormatException(message);
