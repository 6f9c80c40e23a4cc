using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A caller that proves what it can and then calls in any name, which no honest node does.</summary>
internal sealed class RawCaller : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _address;

    private RawCaller(Uri address, NodeProofs node)
    {
        _address = address;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificates = [node.Certificate],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
            PlaintextStreamFilter = async (context, cancellationToken) =>
            {
                var stream = (SslStream)context.PlaintextStream;
                await ProofExchange.CallAsync(stream, node, node.Agents, NodeCertificate.FingerprintOf(stream.RemoteCertificate!), cancellationToken);
                return stream;
            },
        });
    }

    public static Task<RawCaller> OpenAsync(Uri address, NodeProofs node) => Task.FromResult(new RawCaller(address, node));

    public async Task<GossipMessage> CallAsync(GossipEnvelope call)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, Http2Transport.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GossipCodec.EncodeCall(call)) { Headers = { ContentType = new MediaTypeHeaderValue(Http2Transport.ContentType) } },
        };
        using var answer = await _http.SendAsync(message, CancellationToken.None);
        return GossipCodec.DecodeReply(await answer.Content.ReadAsByteArrayAsync());
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
