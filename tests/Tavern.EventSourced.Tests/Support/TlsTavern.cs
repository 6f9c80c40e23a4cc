using System.Collections.Concurrent;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Transports over TLS without nodes above them. The agents of <see cref="Gossips"/> belong to the tavern, with keys made here.</summary>
internal sealed class TlsTavern : IDisposable
{
    public static readonly Hash Tavern = Hash.Of("tavern"u8);

    public static readonly AgentId Caller = new(1); // Gossips calls from 1 to 2
    public static readonly AgentId Called = new(2);

    private readonly Dictionary<AgentId, EcdsaSigner> _signers = new() { [Caller] = EcdsaSigner.Create(), [Called] = EcdsaSigner.Create() };
    private readonly SharedVerifier _verifier = new();
    private readonly List<NodeProofs> _nodes = [];

    /// <summary>What nodes said about connections that they refused.</summary>
    public ConcurrentQueue<string> Told { get; } = [];

    /// <summary>A node that speaks for both agents, or for those named.</summary>
    public NodeProofs Node(params AgentId[] agents) => NodeOf(Tavern, agents.Length == 0 ? [Caller, Called] : agents);

    /// <summary>One that says that it belongs to some tavern.</summary>
    public NodeProofs NodeOf(Hash tavern, params AgentId[] agents)
    {
        var node = new NodeProofs(tavern, Judge, _verifier, Told.Enqueue);
        foreach (var agent in agents) node.Add(agent, _signers[agent]);
        _nodes.Add(node);
        return node;
    }

    /// <summary>A transport that listens with TLS.</summary>
    public static Http2Transport Create(NodeProofs node, Http2TransportOptions? options = null) => new((options ?? new Http2TransportOptions()) with { Tls = true }, null, node);

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
        foreach (var signer in _signers.Values) signer.Dispose();
        _verifier.Dispose();
    }

    private KeyStanding Judge(AgentId agent, ReadOnlyMemory<byte> key) =>
        _signers.TryGetValue(agent, out var signer) && signer.PublicKey.Span.SequenceEqual(key.Span) ? KeyStanding.Known : KeyStanding.Another;
}
