namespace Tavern.EventSourced.Gossip;

/// <summary>Carries calls between nodes. Knows addresses and bytes, nothing of the protocol. Implementations: in-process, HTTP/2 with and without TLS.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Where others reach this node's listener; set once it listens.</summary>
    Uri? Address { get; }

    /// <summary>Starts to listen; each call that arrives is answered with what the handler returns. A handler that throws is answered
    /// to the caller as <see cref="TransportException"/>; others are unaffected.</summary>
    ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken);

    /// <summary>Calls the node at an address and waits for its answer.</summary>
    /// <exception cref="TransportException">No answer: not reachable, too slow, cut off, or not readable.</exception>
    ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken);
}

/// <summary>A call got no readable answer. Whether it arrived is unknown.</summary>
public sealed class TransportException(string message, Exception? inner = null) : IOException(message, inner);
