using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>The listening half of <see cref="Http2Transport"/>: a Kestrel of its own, without a host around it, so that no
/// configuration file is read and no signal handler is installed.</summary>
internal sealed class Http2Listener(
    Http2TransportOptions options, NodeProofs? node, Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly KestrelServer _server = new(
        Options.Create(ServerOptions(options, node)), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    private int _disposed;

    public Uri? Address { get; private set; }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(new GossipApplication(options, handler, loggers.CreateLogger<Http2Transport>()), cancellationToken);
        var listening = new Uri(_server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Address = options.Tls ? new UriBuilder(listening) { Scheme = Uri.UriSchemeHttps }.Uri : listening;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        using var patience = new CancellationTokenSource(options.StopTimeout);
        await _server.StopAsync(patience.Token);
        _server.Dispose();
    }

    private static KestrelServerOptions ServerOptions(Http2TransportOptions options, NodeProofs? node)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowAlternateSchemes = options.Tls }; // Kestrel sees what is decrypted already
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = GossipEnvelope.MessageBytesMax;
        limits.MaxConcurrentConnections = options.ConnectionsMax;
        limits.MaxRequestHeadersTotalSize = 8 * 1024; // a call needs a few hundred bytes
        limits.MaxRequestHeaderCount = 16;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.Http2.MaxStreamsPerConnection = options.StreamsPerConnectionMax;
        limits.KeepAliveTimeout = 2 * options.IdleTimeout; // the caller ends what nobody uses
        kestrel.Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (options.Tls) new TlsDoor(node!, options).Open(listen);
        });
        return kestrel;
    }
}
