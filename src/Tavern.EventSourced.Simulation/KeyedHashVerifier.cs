using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation;

/// <summary>Accepts exactly what <see cref="KeyedHashSigner"/> signs. For simulation and tests only. Safe for concurrent use.</summary>
public sealed class KeyedHashVerifier : ISignatureVerifier
{
    /// <summary>Random bytes of a key, after its domain.</summary>
    internal const int KeyBytes = 32;

    /// <summary>What every key starts with, so that no real key is taken for one.</summary>
    internal static ReadOnlySpan<byte> KeyDomain => "simulated key v0"u8;

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyDomain.Length + KeyBytes || !publicKey.StartsWith(KeyDomain)) return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(publicKey, content, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
