using System.Security.Cryptography;

namespace Tavern.EventSourced.Identity;

/// <summary>An agent's identity key: ECDSA on NIST P-256 with SHA-256, signatures of 64 bytes (IEEE P1363: r then s).
/// Source: FIPS 186-5.</summary>
public sealed class EcdsaSigner : IAgentSigner, IDisposable
{
    private readonly ECDsa _key;

    private EcdsaSigner(ECDsa key)
    {
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Agent = AgentId.FromPublicKey(PublicKey.Span);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The id that belongs to the key.</summary>
    public AgentId Agent { get; }

    /// <summary>Makes a new key.</summary>
    public static EcdsaSigner Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a private key in PEM form (PKCS#8).</summary>
    /// <exception cref="ArgumentException">The text holds no private key on P-256.</exception>
    public static EcdsaSigner FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            var signer = new EcdsaSigner(key);
            using var form = PublicKeyForm.Read(signer.PublicKey.Span);
            if (form is null) throw new ArgumentException("The key is not on the curve NIST P-256.", nameof(pem));
            key.ExportParameters(includePrivateParameters: true); // refused when only the public half is there
            return signer;
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new ArgumentException($"The text holds no private key on NIST P-256: {e.Message}", nameof(pem), e);
        }
        catch (ArgumentException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The private key in PEM form (PKCS#8). Whoever reads it can write as the agent.</summary>
    public string ToPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> content) => _key.SignData(content, HashAlgorithmName.SHA256);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
