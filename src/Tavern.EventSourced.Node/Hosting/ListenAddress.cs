using System.Net;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Where a node listens for gossip, and what it says about that to others.</summary>
public static class ListenAddress
{
    /// <summary>What is wrong with an address to listen at, or with what others are told of it, and what to name instead; null when nothing is.</summary>
    /// <param name="listen">Where to listen.</param>
    /// <param name="advertise">What others are told; null for where it listens.</param>
    public static string? FlawOf(Uri listen, Uri? advertise)
    {
        if (listen.Scheme == InProcess) return null;
        if (listen.Scheme != Uri.UriSchemeHttp && listen.Scheme != Uri.UriSchemeHttps) return $"'{listen}' is not an address to listen at. {GossipAddress.Advice}";
        if (HostOf(listen) is not { } host) return $"A node cannot listen at '{listen.Host}': expected a number, such as 0.0.0.0, [::] or 127.0.0.1. Names are for what is advertised.";
        if (listen.Scheme == Uri.UriSchemeHttp && !IPAddress.IsLoopback(host)) return $"A node cannot listen at {listen}. {GossipAddress.Advice}";
        return advertise is null
            ? IsEvery(host) ? $"{listen} stands for all addresses of this machine. Advertise the one where others reach it, such as https://node1.example:{listen.Port}." : null
            : FlawOf(advertise, listen.Scheme, listen.Port);
    }

    private static string? FlawOf(Uri advertise, string scheme, int port)
    {
        if (!GossipAddress.MayBeCalled(advertise)) return $"'{advertise}' cannot be advertised. {GossipAddress.Advice}";
        if (advertise.Scheme != scheme) return $"{advertise} cannot be advertised: the node listens with {scheme}.";
        if (IPAddress.TryParse(advertise.Host.Trim('[', ']'), out var told) && IsEvery(told)) return $"{advertise} cannot be advertised: nobody can call all addresses of a machine.";
        if (advertise.PathAndQuery != "/" || advertise.UserInfo.Length > 0 || advertise.Port == 0) return $"{advertise} cannot be advertised: expected a scheme, a host and a port.";
        return port == 0 ? $"{advertise} is advertised, but the port to listen at is left open. Name it too." : null;
    }

    /// <summary>The settings of a transport that listens there.</summary>
    internal static Http2TransportOptions SettingsOf(Uri listen) => new() { Listen = new IPEndPoint(HostOf(listen)!, listen.Port), Tls = listen.Scheme == Uri.UriSchemeHttps };

    /// <summary>What others are told.</summary>
    /// <param name="options">The node's settings.</param>
    /// <param name="listening">Where it listens, with the port it got.</param>
    internal static Uri Advertised(NodeOptions options, Uri listening) => options.GossipAdvertise
        ?? (listening.Scheme == InProcess ? listening : new UriBuilder(options.GossipListen) { Port = listening.Port }.Uri);

    private static IPAddress? HostOf(Uri listen) =>
        listen.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(listen.Host.Trim('[', ']'), out var host) ? host : null;

    private static bool IsEvery(IPAddress host) => host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);

    private const string InProcess = "inproc"; // addresses of Transports.InProcessHub
}
