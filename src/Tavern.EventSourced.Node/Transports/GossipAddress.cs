namespace Tavern.EventSourced.Node.Transports;

/// <summary>Which addresses gossip is spoken at: TLS (<c>https</c>) anywhere, plain HTTP/2 (<c>http</c>) on this machine only.</summary>
public static class GossipAddress
{
    /// <summary>What to do instead, for error messages.</summary>
    public const string Advice =
        "Gossip between machines needs TLS: expected https://HOST:PORT, or http://127.0.0.1:PORT (also [::1], localhost) on this machine.";

    /// <summary>True for <c>https</c> to any host, and for <c>http</c> to a loopback address.</summary>
    public static bool MayBeCalled(Uri address) =>
        address.IsAbsoluteUri && address.Host.Length > 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(address.Host)));
}
