using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What a connection to a TLS listener passes before its first call: the bound on those that have proven nothing yet, the handshake, the
/// proof.</summary>
internal sealed class TlsDoor(NodeProofs node, Http2TransportOptions options, ILoggerFactory loggers)
{
    private readonly Strangers _strangers = new(options.UnprovenMax, options.UnprovenPerHostMax);
    private readonly RefusalNotes _notes = new(node.Tell);

    /// <summary>Puts the door in front of what listens.</summary>
    public void Open(KestrelServerOptions kestrel, ListenOptions listen)
    {
        kestrel.ApplicationServices = new LoggersOnly(loggers);
        listen.Use(next => connection => AdmitAsync(connection, next));
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = node.Certificate,
            SslProtocols = SslProtocols.Tls13,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (_, _, _) => true, // any will do: the proof that follows says whose it is
            CheckCertificateRevocation = false,
            HandshakeTimeout = options.HandshakeTime,
            OnAuthenticate = (_, tls) => tls.AllowTlsResume = false, // each connection shows both certificates
        });
        listen.Use(next => connection => ProveAsync(connection, next));
    }

    private async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var host = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!_strangers.TryEnter(host))
        {
            connection.Abort(new ConnectionAbortedException("Too many connections that have proven nothing."));
            return;
        }

        var knock = new Knock(() => _strangers.Leave(host));
        connection.Features.Set(knock);
        try
        {
            await next(connection).ConfigureAwait(false);
            if (!knock.IsHeard) _notes.Add(host, "no TLS 1.3 handshake with a certificate took place.");
        }
        finally
        {
            knock.Leave();
        }
    }

    private async Task ProveAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var knock = connection.Features.Get<Knock>()!;
        knock.IsHeard = true;
        var certificate = connection.Features.Get<ITlsConnectionFeature>()!.ClientCertificate!;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(options.HandshakeTime);
        try
        {
            var (input, output) = (connection.Transport.Input.AsStream(leaveOpen: true), connection.Transport.Output.AsStream(leaveOpen: true));
            connection.Features.Set(await ProofExchange.ListenAsync(input, output, node, NodeCertificate.FingerprintOf(certificate), late.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is ProofRefusedException or IOException or OperationCanceledException or ConnectionAbortedException)
        {
            _notes.Add((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, e is ProofRefusedException ? $"{e.Message}." : "it ended before its proof, or its proof took too long.");
            return;
        }

        knock.Leave(); // no stranger any more
        await next(connection).ConfigureAwait(false);
    }

    /// <summary>How far a connection has come.</summary>
    private sealed class Knock(Action leave)
    {
        private int _left;

        /// <summary>The handshake has succeeded.</summary>
        public bool IsHeard { get; set; }

        public void Leave()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) leave();
        }
    }

    /// <summary>All that Kestrel's TLS asks for.</summary>
    private sealed class LoggersOnly(ILoggerFactory loggers) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? loggers : null;
    }
}
