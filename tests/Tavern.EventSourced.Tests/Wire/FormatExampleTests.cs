using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Wire;

/// <summary>The worked example of FORMAT.md, byte for byte. If one of these fails, the format has changed.</summary>
public class FormatExampleTests
{
    // The P-256 keys whose private numbers are 1 and 2, in SubjectPublicKeyInfo form.
    private const string KeyForm = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    private const string JakesSignature =
        "db309414c3b1ed5c639f1c755a20549dddc9d9eacf0f4ffef443962a90e0815a39838a9b6b2b802f70997876c3178585308fed48e235fd76d68063779ba42e3d";
    private const string GandalfsSignature =
        "2d2ba5ad5477093c4bb35001ec8f332ea14fa17bb270b9408082b598732e806ac52c8c3c194e0e797aa53d9a93daaedce9fb76d07f976afe9b6778ebdc071e83";

    private static readonly byte[] JakesKey = Convert.FromHexString(
        KeyForm + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    private static readonly byte[] GandalfsKey = Convert.FromHexString(
        KeyForm + "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978" + "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1");

    private static readonly string Document = RepositoryRoot.Read("src/Tavern.EventSourced/Wire/FORMAT.md");
    private static readonly string Bare = string.Concat(Document.Where(c => !char.IsWhiteSpace(c)));

    private readonly ChainId _jake = new(AgentId.FromPublicKey(JakesKey), 1);
    private readonly ChainId _gandalf = new(AgentId.FromPublicKey(GandalfsKey), 1);

    [Fact]
    public void Every_byte_of_the_example_is_what_the_code_makes()
    {
        var (jakes, gandalfs) = Segments();
        var tavern = jakes.Records[0].Hash;
        foreach (var record in jakes.Records.Concat(gandalfs.Records))
        {
            Contains(Encoding.UTF8.GetString(record.Payload.Span).Replace(" ", "", StringComparison.Ordinal));
            Contains(record.HeaderBytes.Span);
            Contains(record.Hash.ToByteArray());
        }

        Contains(Segment.SignedContent(tavern, gandalfs.Records[0].Id, gandalfs.HeadHash));
        var syn = new GossipMessage.Syn(1, 2, Fingerprint.Term(tavern, _jake, 2, jakes.HeadHash), []);
        Contains(GossipCodec.EncodeCall(new GossipEnvelope(GossipEnvelope.TavernTag(tavern), _jake.Agent, _gandalf.Agent, syn)));
    }

    [Fact]
    public void The_signatures_of_the_example_are_good()
    {
        Contains(JakesSignature);
        Contains(GandalfsSignature);
        var (jakes, gandalfs) = Segments();
        using var verifier = new EcdsaVerifier();
        Assert.True(jakes.IsSignedBy(JakesKey, jakes.Records[0].Hash, verifier));
        Assert.True(gandalfs.IsSignedBy(GandalfsKey, jakes.Records[0].Hash, verifier));
    }

    [Fact]
    public void The_limits_of_the_document_are_those_of_the_code()
    {
        foreach (var limit in new[]
        {
            EventLimits.PayloadBytesMax, EventLimits.HeaderBytesMax, EventLimits.SegmentBytesMax, EventLimits.TypeCharsMax, EventLimits.CausesMax,
            GossipEnvelope.MessageBytesMax, WireLimits.ClaimsMax, WireLimits.WantsMax, WireLimits.SegmentsMax, WireLimits.RecordsMax,
            WireLimits.NestedMax, WireLimits.SignatureBytesMax, WireLimits.HopMax, WireLimits.DetailCharsMax,
        })
        {
            Assert.Contains($" {limit.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} |", Document, StringComparison.Ordinal);
        }
    }

    private (Segment Jakes, Segment Gandalfs) Segments()
    {
        var jakes = Write(
            null, _jake, default, JakesSignature, [],
            EventCatalogue.Draft(new TavernFounded("The Prancing Pony", "jake", JakesKey, GandalfsKey)),
            EventCatalogue.Draft(new AgentSpawned(_gandalf.Agent, "gandalf", GandalfsKey)));
        var tavern = jakes.Records[0].Hash;
        var gandalfs = Write(
            tavern, _gandalf, jakes.HeadHash, GandalfsSignature, [(_jake[2], jakes.HeadHash)],
            EventCatalogue.Draft(new StatusReported(AgentActivity.Idle)) with { Causes = [_jake[2]] });
        return (jakes, gandalfs);
    }

    private static Segment Write(Hash? tavern, ChainId chain, Hash previous, string signature, (EventId, Hash)[] dependencies, params EventDraft[] drafts) =>
        new ChainWriter(tavern, chain, new FixedSigner(Convert.FromHexString(signature)))
            .Write(drafts, 0, previous, dependencies, [.. drafts.Select((_, i) => new HybridTime(1_767_225_600_000 + i, 0))])[0];

    private static void Contains(ReadOnlySpan<byte> bytes) => Contains(Convert.ToHexStringLower(bytes));

    private static void Contains(string text) => Assert.True(Bare.Contains(text, StringComparison.Ordinal), $"FORMAT.md does not hold {text}");

    private sealed class FixedSigner(byte[] signature) : IAgentSigner
    {
        public ReadOnlyMemory<byte> PublicKey => default;

        public byte[] Sign(ReadOnlySpan<byte> content) => signature;
    }
}
