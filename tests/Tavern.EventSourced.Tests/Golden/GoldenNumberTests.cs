using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>What agents compute from the same facts and compare. If this fails, agents that agree take each other for different, or no signature holds.</summary>
public class GoldenNumberTests
{
    private static readonly Hash Tavern = Hash.Of("tavern"u8);
    private static readonly AgentId Jake = AgentId.FromPublicKey([.. Enumerable.Range(0, 91).Select(i => (byte)i)]);
    private static readonly AgentId Gandalf = AgentId.Parse("5cd252fb0ce8932436faf8ccd1040981");

    [Fact]
    public void Ids_sums_hashes_and_signed_contents_are_what_they_were()
    {
        ChainId[] chains = [new(Jake, 1), new(Gandalf, 2), new(Gandalf, 2)]; // one that has forked: two tips
        ClockClaim[] clock = [.. chains.Select((chain, i) => new ClockClaim(chain, 300 + i, Fingerprint.Term(Tavern, chain, 300 + i, Hash.Of([(byte)i])))).Order()];
        var sum = clock.Aggregate(UInt128.Zero, (all, claim) => unchecked(all + claim.Term));
        (string, string)[] now =
        [
            ("agent id", Jake.ToString()),
            ("tavern tag", $"{GossipEnvelope.TavernTag(Tavern):x32}"),
            .. clock.Select(claim => ($"term of {claim.Chain}:{claim.Sequence}", $"{claim.Term:x32}")),
            ("fingerprint", $"{sum:x32}"),
            ("clock hash", ClockHash.Of(1, 2, clock).ToString()),
            ("signed for a head", Convert.ToHexStringLower(Segment.SignedContent(Tavern, new EventId(Gandalf, 2, 300), Hash.Of([3])))),
            ("signed for an answer", Convert.ToHexStringLower(AnswerSignature.Content(Tavern, Jake, Gandalf, 5, "question"u8, "answer"u8))),
        ];
        Assert.Equal(GoldenFile.Lines("numbers", now), GoldenFile.Lines(now));
    }
}
