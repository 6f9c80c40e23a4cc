namespace Tavern.EventSourced.Events;

/// <summary>Bytes that were received are not a record. Nothing was changed.</summary>
public sealed class MalformedRecordException(string message) : FormatException(message);
