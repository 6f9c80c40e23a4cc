using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Calls between nodes: HTTP/2, <c>POST /gossip/v1</c> with protobuf bodies. Between machines over TLS 1.3, where each end first proves
/// for which agents it speaks; without TLS on loopback addresses only. It sets no time limit to a call;
/// <see cref="GuardedTransport"/> does.</summary>
public sealed class Http2Transport : ITransport
{
    /// <summary>Path of the one resource.</summary>
    public const string Path = "/gossip/v1";

    /// <summary>Media type of calls and replies.</summary>
    public const string ContentType = "application/x-protobuf";

    private readonly Http2TransportOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly Http2Caller _caller;
    private readonly NodeProofs? _node;
    private Http2Listener? _listener;

    /// <summary>Makes a transport that can call at once and listens when asked to.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the address to listen at is not a loopback address.</exception>
    public Http2Transport(Http2TransportOptions? options = null, ILoggerFactory? loggers = null)
        : this(options, loggers, null)
    {
    }

    /// <summary>Makes one that can also talk TLS.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="loggers">Where Kestrel writes; null for nowhere.</param>
    /// <param name="node">Who this node is; null when it neither listens with TLS nor calls others so. Not disposed with it.</param>
    /// <exception cref="ArgumentException">As above, or it should listen with TLS without being anybody.</exception>
    internal Http2Transport(Http2TransportOptions? options, ILoggerFactory? loggers, NodeProofs? node)
    {
        _options = options ?? new Http2TransportOptions();
        _options.Validate();
        if (_options.Tls && node is null) throw new ArgumentException("A TLS listener needs agents to speak for.", nameof(node));
        _node = node;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _caller = new Http2Caller(_options, node);
    }

    /// <inheritdoc/>
    public Uri? Address => _listener?.Address;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It listens already.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public async ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken)
    {
        var listener = new Http2Listener(_options, _node, handler, _loggers);
        if (Interlocked.CompareExchange(ref _listener, listener, null) is not null) throw new InvalidOperationException("The transport listens already.");
        try
        {
            await listener.StartAsync(cancellationToken);
        }
        catch
        {
            _listener = null; // it may be tried again, say at another time when the port is free
            await listener.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken) =>
        _caller.CallAsync(address, request, cancellationToken);

    /// <summary>Stops listening and calling. Calls under way get <see cref="Http2TransportOptions.StopTimeout"/> to finish.</summary>
    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        if (_listener is { } listener) await listener.DisposeAsync();
    }
}
