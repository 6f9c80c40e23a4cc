using System.Security.Cryptography;

namespace Tavern.EventSourced.Identity;

/// <summary>Checks what <see cref="EcdsaSigner"/> signs. Keeps the imported key of every agent it has met, since importing
/// a key costs about as much as checking a signature. Not safe for concurrent use: each owner has its own.</summary>
public sealed class EcdsaVerifier : ISignatureVerifier, IDisposable
{
    private const int KeysMax = 16_384; // twice the largest tavern that is tested in one process; beyond it the cache starts anew

    private readonly Dictionary<AgentId, ECDsa?> _keys = [];

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        var agent = AgentId.FromPublicKey(publicKey);
        if (!_keys.TryGetValue(agent, out var key))
        {
            if (_keys.Count >= KeysMax) Dispose();
            key = PublicKeyForm.Read(publicKey); // of another form: nothing it signed can be right
            _keys.Add(agent, key);
        }

        return key is not null && key.VerifyData(content, signature, HashAlgorithmName.SHA256);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _keys.Values) key?.Dispose();
        _keys.Clear();
    }
}
