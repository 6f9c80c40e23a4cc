using System.Buffers.Binary;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Binds an answer to its answerer, its asker, the question and this one call, so that it can neither be forged, nor
/// shown to somebody else as theirs, nor be replayed.</summary>
public static class AnswerSignature
{
    private static ReadOnlySpan<byte> Domain => "tavern ask answer v1"u8;

    /// <summary>The bytes a signature covers: domain, tavern id, asker, answerer, nonce, SHA-256 of the question's bytes, SHA-256 of
    /// the answer's bytes (all big-endian, 156 bytes).</summary>
    public static byte[] Content(Hash tavern, AgentId asker, AgentId answerer, ulong nonce, ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        var content = new byte[Domain.Length + 3 * Hash.Bytes + 2 * AgentId.Bytes + sizeof(ulong)];
        var rest = content.AsSpan();
        Domain.CopyTo(rest);
        rest = rest[Domain.Length..];
        tavern.CopyTo(rest);
        rest = rest[Hash.Bytes..];
        asker.CopyTo(rest);
        rest = rest[AgentId.Bytes..];
        answerer.CopyTo(rest);
        rest = rest[AgentId.Bytes..];
        BinaryPrimitives.WriteUInt64BigEndian(rest, nonce);
        rest = rest[sizeof(ulong)..];
        Hash.Of(question).CopyTo(rest);
        Hash.Of(answer).CopyTo(rest[Hash.Bytes..]);
        return content;
    }

    /// <summary>True when the holder of the key, which must be the answerer's, signed this answer to this question.</summary>
    /// <param name="publicKey">The answerer's key as the log vouches for it (SubjectPublicKeyInfo); it may differ from the one its
    /// id was derived from, after a rekey.</param>
    /// <param name="content">What <see cref="Content"/> returned.</param>
    /// <param name="signature">The signature that came with the answer.</param>
    /// <param name="verifier">Checks signatures.</param>
    public static bool IsValid(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature, ISignatureVerifier verifier) =>
        verifier.Verify(publicKey, content, signature);
}
