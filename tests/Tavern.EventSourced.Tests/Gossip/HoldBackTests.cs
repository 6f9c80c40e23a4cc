using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class HoldBackTests
{
    private static readonly KeyedHashSigner Honest = new(1);
    private static readonly KeyedHashSigner Liar = new(2);

    [Fact]
    public void Who_floods_displaces_only_itself()
    {
        var holdBack = new HoldBack(20_000);
        Assert.Empty(holdBack.Hold(Waiting(Honest, 50, Authorship.Signed), 50)); // far from deliverable
        var dropped = Enumerable.Range(1, 100).SelectMany(i => holdBack.Hold(Waiting(Liar, i, Authorship.Signed), 1)).ToList();
        Assert.NotEmpty(dropped);
        Assert.All(dropped, held => Assert.Equal(Liar.Agent, held.First.Agent));
        Assert.Single(holdBack.Segments, held => held.First.Agent == Honest.Agent);
    }

    [Fact]
    public void What_nobody_vouches_for_yet_goes_before_what_is_surely_its_writers()
    {
        var holdBack = new HoldBack(20_000);
        for (var i = 1; i <= 10; i++) holdBack.Hold(Waiting(Honest, i, Authorship.Signed), 90);
        var dropped = Enumerable.Range(1, 100).SelectMany(i => holdBack.Hold(Waiting(new KeyedHashSigner((ulong)i + 10), 1, Authorship.Unknown), 1)).ToList();
        Assert.All(dropped, held => Assert.Equal(Authorship.Unknown, held.Authorship));
        Assert.Equal(10, holdBack.Segments.Count(held => held.First.Agent == Honest.Agent));
        Assert.InRange(holdBack.Room, 0, 20_000);
    }

    [Fact]
    public void Several_segments_wait_in_one_place_each_for_its_own_record()
    {
        var holdBack = new HoldBack(20_000);
        var (one, other) = (Waiting(Liar, 4, Authorship.Signed), Waiting(Liar, 4, Authorship.Signed, "other"));
        holdBack.Hold(one, 1);
        holdBack.Hold(other, 1);
        Assert.Equal(2, holdBack.StartingAt(one.First).Count());
        Assert.Same(one.Segment, Assert.Single(holdBack.TakeWaitingFor(one.MissingHash)).Segment);
        Assert.Same(other.Segment, Assert.Single(holdBack.EndingAt(other.Last)).Segment);
    }

    private static HeldSegment Waiting(KeyedHashSigner writer, long sequence, Authorship authorship, string after = "")
    {
        var chain = new ChainId(writer.Agent, 1);
        var previous = Hash.Of(System.Text.Encoding.UTF8.GetBytes($"{sequence}{after}"));
        var segment = new ChainWriter(Hash.Of([1]), chain, writer).Write([LoneEngine.Note(new string('x', 500))], sequence - 1, previous, [], [default])[0];
        var origin = new FrameOrigin(writer.Agent, 1, DeliveryMode.Network, DateTimeOffset.UnixEpoch, segment.Bytes);
        return new HeldSegment(segment, 0, origin, segment.Chain[sequence], previous.Prefix, authorship);
    }
}
