using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A node that calls other machines would host more agents than it can prove on a connection. Nothing was changed.</summary>
public sealed class TooManyHostedException : Exception
{
    private TooManyHostedException(int hosted, int max)
        : base($"This node would host {hosted} agents; over https it can speak for {max}. Host the others on a second node: tavern spawn NAME --invite FILE.")
    {
    }

    /// <summary>So many agents one node may host over https. Over plain HTTP/2 on loopback nothing is proven, and any number may be hosted.</summary>
    public const int HostedMax = WireLimits.ProofAgentsMax;

    internal static void ThrowIfOver(int hosted, NodeOptions options)
    {
        if (hosted > options.ProvenHostedMax && options.GossipListen.Scheme == Uri.UriSchemeHttps) throw new TooManyHostedException(hosted, options.ProvenHostedMax);
    }
}
