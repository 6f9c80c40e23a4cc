using System.Buffers.Binary;
using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation;

/// <summary>Signs with HMAC-SHA256 under the public key itself: the same signature on every machine, in a microsecond. Whoever knows
/// the public key can forge it, so it is for simulation and tests only. Source: RFC 2104.</summary>
public sealed class KeyedHashSigner : IAgentSigner
{
    private readonly byte[] _key;

    /// <summary>The agent with this seed: its key, its id and all its signatures follow from it.</summary>
    public KeyedHashSigner(ulong seed)
    {
        var generator = new SplitMix64(seed);
        _key = new byte[KeyedHashVerifier.KeyDomain.Length + KeyedHashVerifier.KeyBytes];
        KeyedHashVerifier.KeyDomain.CopyTo(_key);
        for (var i = KeyedHashVerifier.KeyDomain.Length; i < _key.Length; i += sizeof(ulong))
            BinaryPrimitives.WriteUInt64BigEndian(_key.AsSpan(i), generator.Next());
        Agent = AgentId.FromPublicKey(_key);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _key;

    /// <summary>The id that belongs to the key.</summary>
    public AgentId Agent { get; }

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content);
}
