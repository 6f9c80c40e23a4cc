using System.Net;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>How a node opens connections to others, with and without TLS.</summary>
internal static class Http2Connections
{
    /// <summary>A handler that sends what it is given and nothing besides, over connections that it opens.</summary>
    public static SocketsHttpHandler Create(Http2TransportOptions options) => new()
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
    };
}
