using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>What a connection to a TLS listener passes before its first call: the bound on those that have proven nothing yet, the handshake, the
/// proof. One middleware instead of Kestrel's own for TLS, whose errors tell nobody and which needs a host around it.</summary>
internal sealed class TlsDoor(NodeProofs node, Http2TransportOptions options)
{
    private readonly Strangers _strangers = new(options.UnprovenMax, options.UnprovenPerHostMax);
    private readonly RefusalNotes _notes = new(node.Tell);
    private readonly SslServerAuthenticationOptions _tls = new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = SslStreamCertificateContext.Create(node.Certificate, null, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2],
        AllowTlsResume = false, // each connection shows both certificates
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359 // any certificate will do: the proof that follows says whose it is
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
#pragma warning restore CA5359
    };

    /// <summary>Puts the door in front of what listens.</summary>
    public void Open(ListenOptions listen) => listen.Use(next => connection => PassAsync(connection, next));

    private async Task PassAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var host = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!_strangers.TryEnter(host)) return; // told to nobody: that is what a flood would want

        var decrypted = new SslStream(new PipeStream(connection.Transport), leaveInnerStreamOpen: true);
        await using (decrypted.ConfigureAwait(false))
        {
            ProvenAgents? caller;
            try
            {
                caller = await MeetAsync(connection, decrypted, host).ConfigureAwait(false);
            }
            finally
            {
                _strangers.Leave(host); // no stranger any more, or gone
            }

            if (caller is null) return;
            var encrypted = connection.Transport;
            var calls = new DecryptedPipe(decrypted);
            connection.Features.Set(caller);
            connection.Transport = calls;
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                connection.Transport = encrypted;
                await calls.Input.CompleteAsync().ConfigureAwait(false);
                await calls.Output.CompleteAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Who calls; null when it was refused.</summary>
    private async Task<ProvenAgents?> MeetAsync(ConnectionContext connection, SslStream decrypted, IPAddress host)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(options.HandshakeTime);
        try
        {
            await decrypted.AuthenticateAsServerAsync(_tls, late.Token).ConfigureAwait(false);
            var other = NodeCertificate.FingerprintOf(decrypted.RemoteCertificate ?? throw new AuthenticationException("The caller has no certificate."));
            return await ProofExchange.ListenAsync(decrypted, node, other, late.Token).ConfigureAwait(false);
        }
        catch (ProofRefusedException e)
        {
            _notes.Add(host, $"{e.Message}.");
        }
        catch (AuthenticationException e)
        {
            _notes.Add(host, $"no TLS 1.3 connection with a certificate: {(e.InnerException ?? e).Message}");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            _notes.Add(host, "it ended, or took too long, before it had proven for whom it speaks.");
        }

        return null;
    }

    /// <summary>What Kestrel reads calls from.</summary>
    private sealed class DecryptedPipe(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
