using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>The calling half of <see cref="Http2Transport"/>.</summary>
internal sealed class Http2Caller : IDisposable
{
    private static readonly MediaTypeHeaderValue Protobuf = new(Http2Transport.ContentType);

    private readonly HttpMessageInvoker _http;
    private readonly TlsLines? _lines;

    public Http2Caller(Http2TransportOptions options, NodeProofs? node)
    {
        _http = new HttpMessageInvoker(Http2Connections.Create(options));
        _lines = node is null ? null : new TlsLines(node, options);
    }

    public async ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
    {
        if (!GossipAddress.MayBeCalled(address)) throw new TransportException($"Cannot call {address}. {GossipAddress.Advice}");
        if (address.Scheme == Uri.UriSchemeHttps && _lines is null) throw new TransportException($"Cannot call {address}: nobody is there to prove who calls.");
        try
        {
            var content = GossipCodec.EncodeCall(request);
            return address.Scheme == Uri.UriSchemeHttps
                ? await _lines!.CallAsync(address, request.From, request.To, line => SendAsync(address, content, line.SendAsync, cancellationToken))
                : await SendAsync(address, content, _http.SendAsync, cancellationToken);
        }
        catch (MalformedMessageException e)
        {
            throw new TransportException($"A call to {address} failed: {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not TransportException or ObjectDisposedException)
        {
            throw new TransportException($"No answer from {address}: {ReasonOf(e)}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransportException($"No answer from {address}: the connection took too long or this transport was closed.", e);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _lines?.Dispose();
    }

    /// <summary>What the outermost exception does not say: why there is no TLS connection.</summary>
    private static string ReasonOf(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ProofRefusedException) return $"{inner.Message}.";
            if (inner is AuthenticationException) return $"no TLS 1.3 connection with it: {(inner.InnerException ?? inner).Message}";
        }

        return e.Message;
    }

    private static async Task<GossipMessage> SendAsync(
        Uri address, byte[] content, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(address, Http2Transport.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(content) { Headers = { ContentType = Protobuf } },
        };
        using var response = await send(message, cancellationToken);
        return await ReadAsync(address, response, cancellationToken);
    }

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
