namespace Tavern.EventSourced.Provenance;

/// <summary>The content of a question or of an answer cannot be read, or the answer does not belong to the question.</summary>
public sealed class MalformedAskException(string message, Exception? inner = null) : FormatException(message, inner);
