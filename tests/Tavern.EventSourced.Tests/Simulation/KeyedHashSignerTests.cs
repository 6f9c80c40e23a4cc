using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Simulation;

public class KeyedHashSignerTests
{
    private static readonly KeyedHashVerifier Verifier = new();

    [Fact]
    public void A_seed_gives_the_same_agent_and_signature_for_ever()
    {
        var signer = new KeyedHashSigner(seed: 1);
        Assert.Equal("03ccbbcf8ae031ffd05ebc8c7796123a", signer.Agent.ToString());
        Assert.Equal("b43832b96a13f559d7da0762f84f89c1186cd4c2e0c0b53140b2827c147a04de", Convert.ToHexStringLower(signer.Sign("content"u8)));
        Assert.Equal(AgentId.FromPublicKey(signer.PublicKey.Span), signer.Agent);
    }

    [Fact]
    public void Exactly_the_signature_over_the_content_by_the_key_is_accepted()
    {
        var (signer, other) = (new KeyedHashSigner(seed: 1), new KeyedHashSigner(seed: 2));
        var signature = signer.Sign("content"u8);
        Assert.True(Verifier.Verify(signer.PublicKey.Span, "content"u8, signature));
        Assert.False(Verifier.Verify(signer.PublicKey.Span, "Content"u8, signature));
        Assert.False(Verifier.Verify(other.PublicKey.Span, "content"u8, signature));
        Assert.False(Verifier.Verify(signer.PublicKey.Span, "content"u8, signature.AsSpan(1)));
        Assert.False(Verifier.Verify([], "content"u8, signature));
        signature[0] ^= 1;
        Assert.False(Verifier.Verify(signer.PublicKey.Span, "content"u8, signature));
    }

    [Fact]
    public void A_real_key_is_never_taken_for_a_simulated_one()
    {
        using var real = EcdsaSigner.Create();
        Assert.False(Verifier.Verify(real.PublicKey.Span, "content"u8, System.Security.Cryptography.HMACSHA256.HashData(real.PublicKey.Span, "content"u8)));
    }
}
