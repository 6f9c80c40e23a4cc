using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>One connection to one listener, opened by its first call, with what both ends proved on it. When it is over another line takes
/// its place: so an answer is surely of the listener whose proof is here. Safe for concurrent use.</summary>
internal sealed class TlsLine : IDisposable
{
    private readonly NodeProofs _node;
    private readonly HttpMessageInvoker _http;
    private readonly Lock _lock = new();
    private int _connections;
    private int _calls;
    private bool _isOver;

    public TlsLine(NodeProofs node, Http2TransportOptions options)
    {
        (_node, Own) = (node, node.Agents);
        var connections = Http2Connections.Create(options); // the handshake and the proof are part of connecting
        connections.PooledConnectionIdleTimeout = options.IdleTimeout;
        connections.SslOptions = TlsOptions(node.Certificate);
        connections.PlaintextStreamFilter = ProveAsync;
        _http = new HttpMessageInvoker(connections);
    }

    /// <summary>The agents that this node speaks for on it.</summary>
    public ImmutableHashSet<AgentId> Own { get; }

    /// <summary>For whom the listener speaks; null before it is open.</summary>
    public ProvenAgents? Listener { get; private set; }

    /// <summary>True when it may be called now; then <see cref="Leave"/> follows.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isOver) return false;
            _calls++;
            return true;
        }
    }

    /// <summary>A call has ended.</summary>
    public void Leave()
    {
        lock (_lock)
            if (--_calls > 0 || !_isOver) return;
        _http.Dispose();
    }

    /// <summary>No call begins on it any more; those under way go on.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_isOver) return;
            _isOver = true;
            if (_calls > 0) return;
        }

        _http.Dispose();
    }

    /// <summary>Sends a request and waits for the head of its answer.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _http.SendAsync(request, cancellationToken);

    /// <summary>Cuts off the calls under way.</summary>
    public void Dispose()
    {
        lock (_lock) _isOver = true;
        _http.Dispose();
    }

    private async ValueTask<Stream> ProveAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _connections) > 1) throw new LineOverException();
        var stream = (SslStream)context.PlaintextStream;
        var other = NodeCertificate.FingerprintOf(stream.RemoteCertificate ?? throw new ProofRefusedException("it has no certificate"));
        Listener = await ProofExchange.CallAsync(stream, _node, Own, other, cancellationToken).ConfigureAwait(false);
        return stream;
    }

    private static SslClientAuthenticationOptions TlsOptions(X509Certificate2 certificate) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
        AllowTlsResume = false, // each connection shows both certificates
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359 // any certificate will do: the proof that follows says whose it is
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
#pragma warning restore CA5359
    };
}

/// <summary>A line's one connection has ended: the call was not sent, and another line can carry it.</summary>
internal sealed class LineOverException() : IOException("The connection has ended.");
