using System.Security.Cryptography;

namespace Tavern.EventSourced.Identity;

/// <summary>The one form of a public key: a SubjectPublicKeyInfo in DER that names NIST P-256 and holds an uncompressed point, 91 bytes
/// (RFC 5480, section 2; SEC 1, section 2.3.3). Anything else is no key, on every machine alike: which other curves and encodings a
/// cryptographic library knows differs, and whether a record is delivered must not.</summary>
internal static class PublicKeyForm
{
    private const int Bytes = 91;

    // SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { 0 unused bits, uncompressed point: x and y, 32 bytes each } }
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    /// <summary>Reads a key; null when it is not of this form or the point is not on the curve.</summary>
    public static ECDsa? Read(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Bytes || !publicKey.StartsWith(Prefix)) return null;
        var point = publicKey[Prefix.Length..];
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[..32].ToArray(), Y = point[32..].ToArray() } });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
