using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Transports.Tls;

/// <summary>The certificate of one run of a node: ECDSA P-256, self-signed, made when the node starts and never stored, so there is
/// nothing to leak, to renew or to lose. Nobody trusts it by itself: agents sign its fingerprint.</summary>
internal static class NodeCertificate
{
    /// <summary>Makes one. Its dates never decide anything: it ends with its process.</summary>
    public static X509Certificate2 Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tavern", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero)); // the latter: RFC 5280, 4.1.2.5
    }

    /// <summary>SHA-256 of its DER form.</summary>
    public static Hash FingerprintOf(X509Certificate certificate) => Hash.Of(certificate.GetRawCertData());
}
