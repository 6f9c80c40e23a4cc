using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Wire;

/// <summary>What two nodes tell each other on a TLS connection before the first call: each its proof, then whether it goes on.</summary>
public abstract record ProofMessage
{
    private ProofMessage()
    {
    }

    /// <summary>The agents that a node speaks for.</summary>
    /// <param name="Tavern">The start of the tavern's id, as in every call.</param>
    /// <param name="Agents">Each with a signature of its own.</param>
    public sealed record Proof(UInt128 Tavern, ImmutableArray<AgentProof> Agents) : ProofMessage
    {
        /// <summary>What gives newer keys to some of them, for whoever has not heard of it: see <see cref="KeyTrail"/>. Default: nothing.</summary>
        public ImmutableArray<SignedExcerpt> Trail { get; init; } = [];
    }

    /// <summary>The other's proof is not believed; the connection ends.</summary>
    /// <param name="Detail">Why.</param>
    public sealed record Refused(string Detail) : ProofMessage;

    /// <summary>The listener's proof is believed; calls follow.</summary>
    public sealed record Accepted : ProofMessage;
}

/// <summary>An agent's signature for a connection.</summary>
/// <param name="Agent">Who.</param>
/// <param name="PublicKey">The key it signs with (SubjectPublicKeyInfo). Whether that is the agent's is for the reader to know.</param>
/// <param name="Signature">Over <see cref="ProofSignature.Content"/>.</param>
public sealed record AgentProof(AgentId Agent, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Signature);
