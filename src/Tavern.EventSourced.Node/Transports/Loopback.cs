using System.Net;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Says which addresses stay on this machine. Plain HTTP/2 is spoken to no others.</summary>
public static class Loopback
{
    /// <summary>True for <c>localhost</c> and for addresses of 127.0.0.0/8 and ::1, as they stand in a URI or a Host header.</summary>
    public static bool IsHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Refuses an address to listen at that others could reach.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    public static void Require(IPEndPoint endPoint)
    {
        if (!IPAddress.IsLoopback(endPoint.Address)) throw new ArgumentException($"Cannot listen at {endPoint}. {GossipAddress.Advice}", nameof(endPoint));
    }
}
