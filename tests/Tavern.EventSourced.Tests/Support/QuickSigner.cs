using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Signs by keyed hash: fast and repeatable. Anyone who knows the public key can sign, which tests of folds do not mind.</summary>
public sealed class QuickSigner : IAgentSigner
{
    private readonly byte[] _key = new byte[32];

    public QuickSigner(SplitMix64 random)
    {
        for (var i = 0; i < _key.Length; i++) _key[i] = (byte)random.Next();
    }

    public ReadOnlyMemory<byte> PublicKey => _key;

    public byte[] Sign(ReadOnlySpan<byte> content) => HMACSHA256.HashData(_key, content);
}
