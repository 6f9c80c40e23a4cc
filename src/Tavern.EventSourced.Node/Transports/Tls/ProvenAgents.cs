using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>The agents that the other end of a connection speaks for, as far as it proved it. A signature is checked when its agent is first
/// used; whether the key is that agent's is asked anew each time, because the log may say otherwise by now. Safe for concurrent use.</summary>
internal sealed class ProvenAgents
{
    private readonly byte[] _content;
    private readonly NodeProofs _node;
    private readonly Dictionary<AgentId, AgentProof> _claims = [];
    private readonly ConcurrentDictionary<AgentId, bool> _signed = [];

    /// <summary>What follows from a proof.</summary>
    /// <param name="proofs">What was claimed. Of several claims for one agent the first counts.</param>
    /// <param name="content">What their signatures must cover.</param>
    /// <param name="node">Knows keys and checks signatures.</param>
    public ProvenAgents(ImmutableArray<AgentProof> proofs, byte[] content, NodeProofs node)
    {
        (_content, _node) = (content, node);
        foreach (var proof in proofs) _claims.TryAdd(proof.Agent, proof);
    }

    /// <summary>True when the agent speaks on this connection.</summary>
    public bool Speaks(AgentId agent) => _claims.TryGetValue(agent, out var claim) && _node.Judge(agent, claim.PublicKey) is KeyStanding.Known or KeyStanding.Unheard && IsSigned(claim);

    /// <summary>True when an agent speaks on it that this node knows to belong to the tavern.</summary>
    public bool AnyKnown() => _claims.Values.Any(claim => _node.Judge(claim.Agent, claim.PublicKey) is KeyStanding.Known && IsSigned(claim));

    /// <summary>True when it is only too late for one of the agents.</summary>
    public bool AnyTooLate() => _claims.Values.Any(claim => _node.Judge(claim.Agent, claim.PublicKey) is KeyStanding.TooLate && IsSigned(claim));

    /// <summary>The agents claimed, for messages: at most three of them.</summary>
    public override string ToString() => _claims.Count == 0
        ? "nobody"
        : string.Join(", ", _claims.Keys.Order().Take(3)) + (_claims.Count > 3 ? $" and {_claims.Count - 3} more" : "");

    private bool IsSigned(AgentProof claim) =>
        _signed.GetOrAdd(claim.Agent, static (_, check) => check.Node.Verify(check.Claim, check.Content), (Node: _node, Claim: claim, Content: _content));
}
