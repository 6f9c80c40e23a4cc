using System.Collections.Concurrent;
using Tavern.EventSourced.Events;
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
    private readonly Dictionary<NodeProofs, CountingSigner> _counters = [];

    /// <summary>What nodes said about connections that they refused.</summary>
    public ConcurrentQueue<string> Told { get; } = [];

    /// <summary>A node that speaks for both agents, or for those named.</summary>
    public NodeProofs Node(params AgentId[] agents) => NodeOf(Tavern, agents.Length == 0 ? [Caller, Called] : agents);

    /// <summary>One that says that it belongs to some tavern.</summary>
    public NodeProofs NodeOf(Hash tavern, params AgentId[] agents)
    {
        var node = Keep(new NodeProofs(tavern, Judge, _verifier, Told.Enqueue));
        foreach (var agent in agents) Host(node, agent);
        return node;
    }

    /// <summary>One that believes everybody, of some tavern, and speaks for the agent called.</summary>
    public NodeProofs NodeThatTrustsAll(Hash tavern)
    {
        var node = Keep(new NodeProofs(tavern, (_, _, _) => new KeyFinding(KeyStanding.Known), _verifier, Told.Enqueue));
        Host(node, TlsTavern.Called);
        return node;
    }

    /// <summary>One whose agent nobody spawned.</summary>
    public NodeProofs Stranger(EcdsaSigner agent)
    {
        var node = Keep(new NodeProofs(Tavern, Judge, _verifier, Told.Enqueue));
        node.Add(agent.Agent, agent, []);
        return node;
    }

    /// <summary>One that names an agent's key, which it does not have.</summary>
    public NodeProofs Impostor(AgentId agent)
    {
        var node = Keep(new NodeProofs(Tavern, Judge, _verifier, Told.Enqueue));
        node.Add(agent, new ForgingSigner(_signers[agent].PublicKey), []);
        return node;
    }

    /// <summary>From now on a node speaks for one more agent.</summary>
    public void Host(NodeProofs node, AgentId agent)
    {
        if (!_counters.TryGetValue(node, out var counter)) _counters.Add(node, counter = new CountingSigner(_signers[agent]));
        node.Add(agent, counter.Signer == _signers[agent] ? counter : _signers[agent], []);
    }

    /// <summary>How often a node has proven its first agent: once per connection.</summary>
    public int ProofsOf(NodeProofs node) => _counters[node].Count;

    /// <summary>Waits until a node has said this about a connection that it refused.</summary>
    public async Task UntilToldAsync(string expected, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (!Told.Any(line => line.Contains(expected, StringComparison.Ordinal)))
        {
            Assert.False(deadline.IsCancellationRequested, $"Nobody was told '{expected}', but: {string.Join(" / ", Told)}");
            await Task.Yield();
        }
    }

    /// <summary>A transport that listens with TLS.</summary>
    public static Http2Transport Create(NodeProofs node, Http2TransportOptions? options = null) => new((options ?? new Http2TransportOptions()) with { Tls = true }, null, node);

    public void Dispose()
    {
        foreach (var node in _nodes) node.Dispose();
        foreach (var signer in _signers.Values) signer.Dispose();
        _verifier.Dispose();
    }

    private KeyFinding Judge(AgentId agent, ReadOnlyMemory<byte> key, KeyTrail? trail) =>
        new(_signers.TryGetValue(agent, out var signer) && signer.PublicKey.Span.SequenceEqual(key.Span) ? KeyStanding.Known : KeyStanding.Another);

    private NodeProofs Keep(NodeProofs node)
    {
        _nodes.Add(node);
        return node;
    }

    private sealed class CountingSigner(EcdsaSigner signer) : IAgentSigner
    {
        private int _count;

        public EcdsaSigner Signer => signer;

        public int Count => _count;

        public ReadOnlyMemory<byte> PublicKey => signer.PublicKey;

        public byte[] Sign(ReadOnlySpan<byte> content)
        {
            Interlocked.Increment(ref _count);
            return signer.Sign(content);
        }
    }

    private sealed class ForgingSigner(ReadOnlyMemory<byte> publicKey) : IAgentSigner
    {
        public ReadOnlyMemory<byte> PublicKey => publicKey;

        public byte[] Sign(ReadOnlySpan<byte> content) => new byte[64];
    }
}
