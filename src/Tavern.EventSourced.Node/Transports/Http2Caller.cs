using System.Net;
using System.Net.Http.Headers;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>The calling half of <see cref="Http2Transport"/>.</summary>
internal sealed class Http2Caller : IDisposable
{
    private static readonly MediaTypeHeaderValue Protobuf = new(Http2Transport.ContentType);

    private readonly HttpMessageInvoker _http;

    public Http2Caller(Http2TransportOptions options) => _http = new HttpMessageInvoker(new SocketsHttpHandler
    {
        ConnectTimeout = options.ConnectTimeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 8, // KiB; a reply needs a few hundred bytes
        // A connection whose other end vanished is found out within seconds, not when TCP gives up.
        KeepAlivePingDelay = TimeSpan.FromSeconds(5),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    });

    public async ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
    {
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttp || !Loopback.IsHost(address.Host))
            throw new TransportException($"Cannot call {address}. {Loopback.Advice}");
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, Http2Transport.Path))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(GossipCodec.EncodeCall(request)) { Headers = { ContentType = Protobuf } },
            };
            using var response = await _http.SendAsync(message, cancellationToken);
            return await ReadAsync(address, response, cancellationToken);
        }
        catch (MalformedMessageException e)
        {
            throw new TransportException($"A call to {address} failed: {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not TransportException or ObjectDisposedException)
        {
            throw new TransportException($"No answer from {address}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransportException($"No answer from {address}: the connection took too long or this transport was closed.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<GossipMessage> ReadAsync(Uri address, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Refusals come with a status of their own, and with a body that says why.
        if (response.Content.Headers.ContentType?.MediaType != Http2Transport.ContentType)
            throw new TransportException($"{address} answered with status {(int)response.StatusCode} and no reply.");
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = await BoundedBody.ReadAsync(body, response.Content.Headers.ContentLength, GossipEnvelope.MessageBytesMax, cancellationToken);
        return bytes is { } read
            ? GossipCodec.DecodeReply(read.Span)
            : throw new TransportException($"The reply of {address} is larger than {GossipEnvelope.MessageBytesMax} bytes.");
    }
}
