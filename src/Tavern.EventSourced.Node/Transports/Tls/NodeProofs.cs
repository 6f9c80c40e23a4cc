using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>Who a node is on its connections to other machines: its certificate, the agents it speaks for, and what it believes of others.
/// Safe for concurrent use.</summary>
/// <param name="tavern">The tavern's id.</param>
/// <param name="judge">Whether a key is an agent's, as far as is known here, or shown by a trail.</param>
/// <param name="verifier">Checks signatures; safe for concurrent use.</param>
/// <param name="tell">Told of connections that were refused here.</param>
internal sealed class NodeProofs(Hash tavern, Func<AgentId, ReadOnlyMemory<byte>, KeyTrail?, KeyFinding> judge, ISignatureVerifier verifier, Action<string> tell) : IDisposable
{
    private readonly ConcurrentDictionary<AgentId, IAgentSigner> _signers = [];
    private volatile ShownTrail _trail = ShownTrail.Empty;

    /// <summary>This run's certificate, with its private key.</summary>
    public X509Certificate2 Certificate { get; } = NodeCertificate.Create();

    /// <summary>Speaks for one more agent, on connections that are opened from now on. Not at the same time from several threads.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="signer">Its key.</param>
    /// <param name="trail">What shows that it is, when the agent's id derives from another; else nothing.</param>
    public void Add(AgentId agent, IAgentSigner signer, ImmutableArray<SignedExcerpt> trail)
    {
        _signers[agent] = signer;
        if (_trail.With(trail) is { } shown) _trail = shown;
        else tell($"Nobody is shown what gives {agent} its new key: a proof holds {WireLimits.TrailExcerptsMax} records and {WireLimits.TrailBytesMax} bytes of such. Who has not heard of the key refuses it.");
    }

    /// <summary>The agents it speaks for.</summary>
    public ImmutableHashSet<AgentId> Agents => [.. _signers.Keys];

    /// <summary>Whether a key is an agent's.</summary>
    public KeyFinding Judge(AgentId agent, ReadOnlyMemory<byte> key, KeyTrail? trail) => judge(agent, key, trail);

    /// <summary>What excerpts show that somebody else proves itself with.</summary>
    public TrailFinding Follow(ImmutableArray<SignedExcerpt> trail) => KeyTrail.Follow(tavern, trail, verifier);

    /// <summary>True when a claim is signed with the key that it names.</summary>
    public bool Verify(AgentProof claim, byte[] content) => verifier.Verify(claim.PublicKey.Span, content, claim.Signature.Span);

    /// <summary>Says to people that somebody was refused.</summary>
    public void Tell(string refusal) => tell(refusal);

    /// <summary>What this node says of itself on a connection.</summary>
    /// <param name="agents">Whom it speaks for.</param>
    /// <param name="role">Which end of it this node is.</param>
    /// <param name="other">The fingerprint of the other's certificate.</param>
    public ProofMessage.Proof Prove(IEnumerable<AgentId> agents, ConnectionRole role, Hash other)
    {
        var content = ProofSignature.Content(tavern, role, NodeCertificate.FingerprintOf(Certificate), other);
        return new ProofMessage.Proof(
            GossipEnvelope.TavernTag(tavern), [.. agents.Order().Select(agent => (Agent: agent, Signer: _signers[agent])).Select(one => new AgentProof(one.Agent, one.Signer.PublicKey, one.Signer.Sign(content)))])
        {
            Trail = _trail.Excerpts,
        };
    }

    /// <summary>What the other end says of itself.</summary>
    /// <param name="proof">Its words.</param>
    /// <param name="role">Which end of the connection it is.</param>
    /// <param name="other">The fingerprint of its certificate.</param>
    /// <exception cref="ProofRefusedException">It belongs to another tavern.</exception>
    public ProvenAgents Read(ProofMessage.Proof proof, ConnectionRole role, Hash other) => proof.Tavern == GossipEnvelope.TavernTag(tavern)
        ? new ProvenAgents(proof, ProofSignature.Content(tavern, role, other, NodeCertificate.FingerprintOf(Certificate)), this)
        : throw new ProofRefusedException("it belongs to another tavern");

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();
}
