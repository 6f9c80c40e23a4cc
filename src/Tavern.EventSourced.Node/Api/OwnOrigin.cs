using Microsoft.AspNetCore.Http;

namespace Tavern.EventSourced.Node.Api;

/// <summary>Refuses what a foreign page in a browser can send: a Host that is a name of its own which it made point here (DNS
/// rebinding), and an Origin that is not this node's (cross-site requests).</summary>
internal static class OwnOrigin
{
    /// <summary>Why a request is refused, as a sentence; null when it is not.</summary>
    public static string? FlawOf(HttpRequest request)
    {
        var port = request.HttpContext.Connection.LocalPort; // the connection knows it; a host that has just begun to listen may not yet
        if (!IsOwn(request.Host, port))
            return $"The Host header is '{request.Host}'; expected 127.0.0.1:{port}, localhost:{port} or [::1]:{port}.";
        if (request.Headers.Origin is not { Count: > 0 } origins) return null;
        return origins.Count == 1 && Uri.TryCreate(origins[0], UriKind.Absolute, out var origin) && origin.Scheme == Uri.UriSchemeHttp
            && origin.PathAndQuery == "/" && IsOwn(new HostString(origin.Host, origin.Port), port)
            ? null
            : $"The Origin header is '{origins}'; only pages of this node (http://127.0.0.1:{port}) may call it.";
    }

    private static bool IsOwn(HostString host, int port) =>
        (host.Port ?? 80) == port && (host.Host is "127.0.0.1" or "[::1]" || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase));
}
