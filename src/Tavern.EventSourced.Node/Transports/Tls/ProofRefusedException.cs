namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>A connection did not begin, because one end does not believe the other's proof, or did not get one.</summary>
internal sealed class ProofRefusedException(string message, Exception? inner = null) : IOException(message, inner);
