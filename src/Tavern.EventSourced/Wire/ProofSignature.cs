using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Wire;

/// <summary>The end of a connection that a proof comes from.</summary>
public enum ConnectionRole
{
    /// <summary>The one that opened it.</summary>
    Caller = 1,

    /// <summary>The one that was called.</summary>
    Listener = 2,
}

/// <summary>Binds a proof to its tavern, its end of the connection, and both certificates, so that it is worth nothing on another
/// connection: whoever passes it on has no private key of a certificate in it.</summary>
public static class ProofSignature
{
    private static ReadOnlySpan<byte> Domain => "tavern connection proof v1"u8;

    /// <summary>The bytes a signature covers: domain, tavern id, role, SHA-256 of the signer's own certificate (DER), SHA-256 of the
    /// other's (123 bytes).</summary>
    public static byte[] Content(Hash tavern, ConnectionRole role, Hash own, Hash other)
    {
        var content = new byte[Domain.Length + Hash.Bytes + 1 + 2 * Hash.Bytes];
        var rest = content.AsSpan();
        Domain.CopyTo(rest);
        rest = rest[Domain.Length..];
        tavern.CopyTo(rest);
        rest = rest[Hash.Bytes..];
        rest[0] = (byte)role;
        own.CopyTo(rest[1..]);
        other.CopyTo(rest[(1 + Hash.Bytes)..]);
        return content;
    }
}
