using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Wire;

/// <summary>What a proof shows for newer keys, as bytes.</summary>
public class ProofCodecTests
{
    private static readonly ImmutableArray<SignedExcerpt> Trail = KeyHistory.WithAllGiven().TrailOf(KeyHistory.Frodo, KeyHistory.Stranger);

    [Fact]
    public void A_trail_comes_back_as_it_was()
    {
        var proof = Assert.IsType<ProofMessage.Proof>(ProofCodec.Decode(ProofCodec.Encode(new ProofMessage.Proof(7, []) { Trail = Trail })));
        Assert.Equal(Trail.Select(excerpt => excerpt.Hash), proof.Trail.Select(excerpt => excerpt.Hash));
        Assert.Equal(Trail.Select(excerpt => excerpt.Bytes), proof.Trail.Select(excerpt => excerpt.Bytes));
        Assert.IsType<TrailFinding.Followed>(KeyHistory.WithAllGiven().Follow(proof.Trail));
    }

    [Fact]
    public void More_excerpts_or_bytes_than_a_proof_may_show_are_refused_by_both_ends()
    {
        var many = Enumerable.Repeat(Large(WireLimits.TrailBytesMax / WireLimits.TrailExcerptsMax), WireLimits.TrailExcerptsMax).ToImmutableArray();
        var large = Enumerable.Repeat(Large(WireLimits.TrailBytesMax / 2 - 1), 2).ToImmutableArray();
        foreach (var (trail, words) in new[] { (many, $"the limit is {WireLimits.TrailExcerptsMax}"), (large, $"the limit is {WireLimits.TrailBytesMax}") })
        {
            var full = ProofCodec.Encode(new ProofMessage.Proof(7, []) { Trail = trail });
            ProofCodec.Decode(full);
            var encoding = Assert.Throws<MalformedMessageException>(() => ProofCodec.Encode(new ProofMessage.Proof(7, []) { Trail = trail.Add(Trail[0]) }));
            Assert.Contains(words, encoding.Message, StringComparison.Ordinal);
            var decoding = Assert.Throws<MalformedMessageException>(() => ProofCodec.Decode([.. full, .. ProofCodec.Encode(new ProofMessage.Proof(7, []) { Trail = [Trail[0]] })])); // merged
            Assert.Contains(words, decoding.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_proof_with_all_that_it_may_hold_is_not_too_long_for_a_node_that_knows_no_trails()
    {
        using var signer = EcdsaSigner.Create();
        var agents = Enumerable.Range(1, WireLimits.ProofAgentsMax).Select(number => new AgentProof(new AgentId((ulong)number), signer.PublicKey, new byte[64]));
        var trail = Enumerable.Repeat(Large(WireLimits.TrailBytesMax / WireLimits.TrailExcerptsMax), WireLimits.TrailExcerptsMax);
        Assert.InRange(ProofCodec.Encode(new ProofMessage.Proof(UInt128.MaxValue, [.. agents]) { Trail = [.. trail] }).Length, WireLimits.TrailBytesMax, WireLimits.ProofBytesMax);
    }

    [Fact]
    public void What_a_trail_shows_that_is_no_excerpt_is_refused()
    {
        var bytes = new Tavern.EventSourced.Wire.Format.ProofMessage { Proof = new() { Trail = { new Tavern.EventSourced.Wire.Format.Excerpt() } } };
        var refused = Assert.Throws<MalformedMessageException>(() => ProofCodec.Decode(Google.Protobuf.MessageExtensions.ToByteArray(bytes)));
        Assert.Contains("An excerpt holds at least one header", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>An excerpt of so many bytes; its signature holds most of them.</summary>
    private static SignedExcerpt Large(int bytes) => new(Trail[0].Headers, default, new byte[bytes - Trail[0].Headers.Sum(header => header.Length)]);
}
