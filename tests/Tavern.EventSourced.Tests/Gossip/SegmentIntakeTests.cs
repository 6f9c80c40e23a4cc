using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class SegmentIntakeTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Writer = new(2);
    private static readonly KeyedHashSigner Liar = new(3);
    private static readonly ImmutableArray<Segment> Membership = LoneEngine.Found(Root, Writer, Liar);
    private static readonly ChainId Chain = new(Writer.Agent, 1);

    private readonly LoneEngine _hearer = new(Membership, Root, []);

    [Fact]
    public void Segments_out_of_order_wait_and_are_delivered_with_what_they_waited_for()
    {
        var segments = WriteSegments(3);
        Hear(segments[2]);
        Hear(segments[1]);
        Assert.Equal(2, _hearer.Status.HeldBack.Count);
        Assert.Equal(Chain[2], _hearer.Status.HeldBack[1].Missing);
        Hear(segments[0]);
        Assert.Empty(_hearer.Status.HeldBack);
        Assert.Equal(3, _hearer.Status.Clock[Chain]);
    }

    [Fact]
    public void A_writer_nobody_vouches_for_yet_is_held_back_until_the_spawn_arrives()
    {
        var third = new KeyedHashSigner(4);
        var root = new LoneEngine(Membership, Root, []);
        root.Append(EventCatalogue.Draft(new AgentSpawned(third.Agent, "late", third.PublicKey.ToArray())));
        var spawn = root.BeginCommit()!.Segments[0].Segment;
        var writer = new LoneEngine([.. Membership, spawn], third, []);
        writer.Append(LoneEngine.Note("early"));
        var early = writer.BeginCommit()!.Segments[0].Segment;

        var hearer = new LoneEngine(Membership, Liar, [Root.Agent]);
        hearer.Called(Root.Agent, new GossipMessage.Push(1, [new FrameSegment(early, 0)], [], false));
        Assert.Single(hearer.Status.HeldBack);
        hearer.Called(Root.Agent, new GossipMessage.Push(1, [new FrameSegment(spawn, 0)], [], false));
        hearer.Commit();
        Assert.Equal(1, hearer.Status.Clock[new ChainId(third.Agent, 1)]);
    }

    [Fact]
    public void A_wrong_signature_is_refused_and_leaves_a_receipt()
    {
        var segment = WriteSegments(1)[0];
        Hear(new Segment(segment.Records, Liar.Sign("something else"u8)));
        AssertRefused("signature");
    }

    [Fact]
    public void A_record_signed_with_another_key_is_refused()
    {
        var forged = new ChainWriter(LoneEngine.TavernOf(Membership), Chain, Liar).Write([LoneEngine.Note("forged")], 0, Vouching(), Tips(), [default(HybridTime)]);
        Hear(forged[0]);
        AssertRefused("signature");
    }

    [Fact]
    public void A_record_that_does_not_link_to_the_held_one_waits_for_the_one_it_names()
    {
        var segments = WriteSegments(1);
        Hear(segments[0]);
        var unlinked = new ChainWriter(LoneEngine.TavernOf(Membership), Chain, Writer).Write([LoneEngine.Note("x")], 1, Hash.Of("elsewhere"u8), [], [default(HybridTime)]);
        Hear(unlinked[0]);
        Assert.Equal(Chain[1], Assert.Single(_hearer.Status.HeldBack).Missing);
        Assert.Equal(1, _hearer.Status.Clock[Chain]);
    }

    [Fact]
    public void A_second_record_in_the_same_place_is_delivered_on_a_branch_of_its_own()
    {
        Hear(WriteSegments(1)[0]);
        var other = new ChainWriter(LoneEngine.TavernOf(Membership), Chain, Writer).Write([LoneEngine.Note("another")], 0, Vouching(), Tips(), [default(HybridTime)]);
        Hear(other[0]);
        Assert.Equal(1, _hearer.Status.Clock[Chain]);
        Assert.Equal(1, _hearer.Status.Clock[Chain with { Branch = 1 }]);
        Assert.Equal([Chain, Chain with { Branch = 1 }], _hearer.Index.BranchesOf(Chain));
        Assert.Equal(Chain[1] with { Branch = 1 }, _hearer.Index.Find(Chain[1], other[0].HeadHash.Prefix));
    }

    [Fact]
    public void A_chain_that_names_somebody_elses_spawn_is_refused()
    {
        var stolen = new ChainWriter(LoneEngine.TavernOf(Membership), new ChainId(Liar.Agent, 1), Liar).Write([LoneEngine.Note("x")], 0, Vouching(), Tips(), [default(HybridTime)]);
        Hear(stolen[0]);
        AssertRefused("vouches for");
    }

    [Fact]
    public void What_depends_on_another_record_than_the_held_one_waits_for_that_record()
    {
        var wrong = new ChainWriter(LoneEngine.TavernOf(Membership), Chain, Writer).Write(
            [LoneEngine.Note("x")], 0, Vouching(), [(Membership[^1].Chain[Membership[^1].Last], Hash.Of("other"u8))], [default(HybridTime)]);
        Hear(wrong[0]);
        Assert.Equal(Membership[^1].Chain[Membership[^1].Last], Assert.Single(_hearer.Status.HeldBack).Missing);
        Assert.Equal(0, _hearer.Status.Clock[Chain]);
    }

    [Fact]
    public void What_is_delivered_already_is_skipped_without_a_receipt()
    {
        var segment = WriteSegments(1)[0];
        Hear(segment);
        var batches = _hearer.Batches.Count;
        Hear(segment);
        Assert.Equal(batches, _hearer.Batches.Count);
    }

    [Fact]
    public void Of_one_chain_in_a_frame_the_last_signature_vouches_for_those_below()
    {
        var segments = WriteSegments(3);
        var unsigned = new Segment(segments[0].Records, Liar.Sign("not its writer's"u8));
        Hear(unsigned, segments[1], segments[2]);
        Assert.Equal(3, _hearer.Status.Clock[Chain]);
        Assert.True(_hearer.Index.TryGetSegment(Chain[1], out var lower));
        Assert.False(lower.Verified);
        Assert.True(_hearer.Index.TryGetSegment(Chain[3], out var head));
        Assert.True(head.Verified);
    }

    [Fact]
    public void Hold_back_is_bounded_and_drops_what_is_furthest_from_deliverable()
    {
        var writer = new LoneEngine(Membership, Writer, []);
        var segments = new List<Segment>();
        for (var i = 0; i < 60; i++)
        {
            writer.Append(LoneEngine.Note(new string('x', 60_000)));
            segments.Add(writer.BeginCommit()!.Segments[0].Segment);
            writer.EndCommit();
        }

        var hearer = new LoneEngine(Membership, Root, [], new GossipOptions { HoldBackBytesMax = 2_300_000 });
        foreach (var segment in segments.Skip(1)) hearer.Called(Writer.Agent, new GossipMessage.Push(1, [new FrameSegment(segment, 0)], [], false));
        Assert.InRange(hearer.Status.HeldBack.Count, 30, 40);
        Assert.Equal(2, hearer.Status.HeldBack[0].First.Sequence);
        Assert.True(hearer.Status.HeldBack[^1].First.Sequence < 45, "the furthest was kept");
    }

    private static ImmutableArray<Segment> WriteSegments(int count)
    {
        var writer = new LoneEngine(Membership, Writer, []);
        var segments = ImmutableArray.CreateBuilder<Segment>();
        for (var i = 0; i < count; i++)
        {
            writer.Append(LoneEngine.Note($"note {i}"));
            segments.Add(writer.BeginCommit()!.Segments[0].Segment);
            writer.EndCommit();
        }

        return segments.DrainToImmutable();
    }

    private static Hash Vouching() => Membership[0].Records[1].Hash;

    private static List<(EventId, Hash)> Tips() => [(Membership[^1].Chain[Membership[^1].Last], Membership[^1].HeadHash)];

    private void Hear(params Segment[] segments)
    {
        _hearer.Called(Writer.Agent, new GossipMessage.Push(1, [.. segments.Select(segment => new FrameSegment(segment, 0))], [], false));
        _hearer.Commit();
    }

    private void AssertRefused(string because)
    {
        var receipt = Assert.Single(_hearer.Batches[^1].Receipts);
        Assert.Equal(ReceiptOutcome.Rejected, receipt.Outcome);
        Assert.Contains(because, receipt.Detail, StringComparison.Ordinal);
        Assert.Empty(_hearer.Batches[^1].Runs);
    }
}
