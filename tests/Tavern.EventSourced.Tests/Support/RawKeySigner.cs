using System.Security.Cryptography;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Signs by hashing with the public key: deterministic and quick, and no signature at all to anybody outside a test.</summary>
public sealed class RawKeySigner(byte[] publicKey) : IAgentSigner
{
    public ReadOnlyMemory<byte> PublicKey { get; } = publicKey;

    public byte[] Sign(ReadOnlySpan<byte> content) => HMACSHA512.HashData(PublicKey.Span, content);
}
