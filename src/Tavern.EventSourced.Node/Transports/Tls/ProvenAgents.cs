using System.Collections.Concurrent;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>The agents that the other end of a connection speaks for, as far as it proved it. A signature is checked when its agent is first
/// used, and what is shown for newer keys when such a key is; whether the key is that agent's is asked anew each time, because the log may say otherwise
/// by now. Safe for concurrent use.</summary>
internal sealed class ProvenAgents
{
    private const int NamedMax = 3; // agents in a message

    private readonly byte[] _content;
    private readonly NodeProofs _node;
    private readonly Dictionary<AgentId, AgentProof> _claims = [];
    private readonly ConcurrentDictionary<AgentId, bool> _signed = [];
    private readonly Lazy<TrailFinding>? _trail; // null when none is shown

    /// <summary>What follows from a proof.</summary>
    /// <param name="proof">What was claimed. Of several claims for one agent the first counts.</param>
    /// <param name="content">What its signatures must cover.</param>
    /// <param name="node">Knows keys and checks signatures.</param>
    public ProvenAgents(ProofMessage.Proof proof, byte[] content, NodeProofs node)
    {
        (_content, _node) = (content, node);
        foreach (var claim in proof.Agents) _claims.TryAdd(claim.Agent, claim);
        if (!proof.Trail.IsEmpty) _trail = new Lazy<TrailFinding>(() => node.Follow(proof.Trail));
    }

    /// <summary>True when the agent speaks on this connection.</summary>
    public bool Speaks(AgentId agent) => _claims.TryGetValue(agent, out var claim) && IsHeard(claim);

    /// <summary>True when any agent speaks on it that is this tavern's, for all that is known here.</summary>
    public bool AnySpeaks() => _claims.Values.Any(IsHeard);

    /// <summary>True when an agent speaks on it that this node knows to belong to the tavern.</summary>
    public bool AnyKnown() => _claims.Values.Any(claim => Find(claim).Standing is KeyStanding.Known && IsSigned(claim));

    /// <summary>True when it is only too late for one of the agents.</summary>
    public bool AnyTooLate() => _claims.Values.Any(claim => Find(claim).Standing is KeyStanding.TooLate && IsSigned(claim));

    /// <summary>Why none of its agents is believed.</summary>
    public string Doubt() => _claims.Values.Select(claim => (Claim: claim, Find(claim).Flaw)).Where(doubted => doubted.Flaw is not null).Take(NamedMax)
        .FirstOrDefault(doubted => IsSigned(doubted.Claim)).Flaw is { } flaw // of a stranger no more signatures are checked than that
        ? $"the agents that it speaks for ({this}) sign with keys that are not theirs here: {flaw}"
        : $"nothing heard here vouches for the agents that it speaks for ({this}), or their signatures are not theirs";

    /// <summary>The agents claimed, for messages: at most three of them.</summary>
    public override string ToString() => _claims.Count == 0
        ? "nobody"
        : string.Join(", ", _claims.Keys.Order().Take(NamedMax)) + (_claims.Count > NamedMax ? $" and {_claims.Count - NamedMax} more" : "");

    private bool IsHeard(AgentProof claim) => Find(claim).Standing is KeyStanding.Known or KeyStanding.Unheard && IsSigned(claim);

    /// <summary>What is held counts first: then nothing shown has to be followed.</summary>
    private KeyFinding Find(AgentProof claim)
    {
        var held = _node.Judge(claim.Agent, claim.PublicKey, null);
        if (held.Standing is not KeyStanding.Another || _trail is null) return held;
        return _trail.Value switch
        {
            TrailFinding.Followed(var trail) when _node.Judge(claim.Agent, claim.PublicKey, trail) is var shown => shown.Flaw is null ? shown : held with { Flaw = Unshown(shown.Flaw) },
            TrailFinding.Refused(var flaw) => held with { Flaw = Unshown(flaw) },
            _ => throw new InvalidOperationException("A trail was found to be of a kind not handled here."),
        };

        static string Unshown(string flaw) => $"what it shows for newer keys does not hold, because {flaw}";
    }

    private bool IsSigned(AgentProof claim) =>
        _signed.GetOrAdd(claim.Agent, static (_, check) => check.Node.Verify(check.Claim, check.Content), (Node: _node, Claim: claim, Content: _content));
}
