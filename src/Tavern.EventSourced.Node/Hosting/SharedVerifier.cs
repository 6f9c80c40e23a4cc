using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A verifier for everything that runs beside the loop. Safe for concurrent use; checks one signature at a time.</summary>
internal sealed class SharedVerifier : ISignatureVerifier, IDisposable
{
    private readonly Lock _lock = new();
    private readonly EcdsaVerifier _verifier = new();

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        lock (_lock) return _verifier.Verify(publicKey, content, signature);
    }

    /// <inheritdoc/>
    public void Dispose() => _verifier.Dispose();
}
