namespace Tavern.EventSourced.Identity;

/// <summary>Signs for one agent. Injected, because ECDSA is not deterministic and the simulator must be.</summary>
public interface IAgentSigner
{
    /// <summary>The agent's public key; <see cref="AgentId.FromPublicKey"/> of it is the agent's id.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>A signature over the content.</summary>
    byte[] Sign(ReadOnlySpan<byte> content);
}

/// <summary>Checks signatures of any agent. The counterpart of <see cref="IAgentSigner"/>.</summary>
public interface ISignatureVerifier
{
    /// <summary>True when <paramref name="signature"/> was made over the content by the holder of the key. Malformed keys
    /// and signatures are false, never an exception.</summary>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature);
}
