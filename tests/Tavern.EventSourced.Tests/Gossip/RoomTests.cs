using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class RoomTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Other = new(2);

    [Fact]
    public void A_frame_holds_no_more_than_the_receiver_has_room_for_or_one_segment()
    {
        var sender = new LoneEngine(LoneEngine.Found(Root, Other), Root, [Other.Agent]);
        var random = new SplitMix64(1);
        for (var i = 0; i < 200; i++)
        {
            sender.Append(LoneEngine.Note(new string('x', random.Below(4000))));
            sender.Commit();
        }

        var head = sender.Status.Clock[new ChainId(Root.Agent, 1)];
        for (var i = 0; i < 200; i++)
        {
            var room = 1 + random.Below(100_000);
            var asked = new GossipMessage.Push((ulong)i, [], [new Want(new ChainId(Root.Agent, 1), 3 + random.Below((int)head - 3), head)], false) { Room = room };
            var frame = ((GossipMessage.Push)sender.Called(Other.Agent, asked)).Frame;
            Assert.True(frame.Length == 1 || (frame.Length > 1 && frame.Sum(item => item.Segment.Bytes) <= room), $"{frame.Sum(item => item.Segment.Bytes)} bytes into room for {room}");
        }
    }

    [Fact]
    public void What_is_granted_never_exceeds_what_can_be_held_and_room_comes_back_when_answers_do_not()
    {
        const int HoldBack = 3 * 1024 * 1024;
        const int Frame = 256 * 1024;
        var peers = Enumerable.Range(10, 40).Select(number => new KeyedHashSigner((ulong)number)).ToArray();
        var hearer = new LoneEngine(LoneEngine.Found(Root, peers), Root, [], new GossipOptions { HoldBackBytesMax = HoldBack });
        var acks = peers.Select((peer, i) => Ask(peer, i, exchange: 1)).ToList();
        Assert.Equal(HoldBack, acks.Sum(ack => ack.Room));
        Assert.Equal(HoldBack / Frame, acks.Count(ack => !ack.Wants.IsEmpty));
        Assert.All(acks, ack => Assert.Equal(ack.Wants.IsEmpty, ack.Room == 0));

        hearer.Elapsed += TimeSpan.FromSeconds(1);
        hearer.Step(new GossipInput.Tick());
        Assert.Equal(Frame, Ask(peers[^1], peers.Length - 1, exchange: 2).Room);

        GossipMessage.SynAck Ask(KeyedHashSigner peer, int i, ulong exchange) => (GossipMessage.SynAck)hearer.Called(
            peer.Agent, new GossipMessage.Syn(exchange, (ulong)i + 1, 7, [new ClockClaim(new ChainId(peer.Agent, 1), 1, 12345)]));
    }

    [Fact]
    public void An_answer_makes_room_again()
    {
        var hearer = new LoneEngine(LoneEngine.Found(Root, Other), Root, [], new GossipOptions { HoldBackBytesMax = 3 * 1024 * 1024 });
        for (ulong exchange = 1; exchange <= 100; exchange++)
        {
            var syn = new GossipMessage.Syn(exchange, 1, 7, [new ClockClaim(new ChainId(Other.Agent, 1), 1, 12345)]);
            Assert.Equal(256 * 1024, ((GossipMessage.SynAck)hearer.Called(Other.Agent, syn)).Room);
            hearer.Called(Other.Agent, new GossipMessage.Push(exchange, [], [], false));
        }
    }

    [Fact]
    public void With_a_full_hold_back_one_segment_may_still_come_for_it_may_be_what_the_others_wait_for()
    {
        var writer = new LoneEngine(LoneEngine.Found(Root, Other), Root, [Other.Agent]);
        for (var i = 0; i < 30; i++)
        {
            writer.Append(LoneEngine.Note(new string('x', 100_000)));
            writer.Commit();
        }

        var segments = writer.Batches.SelectMany(batch => batch.Segments).Select(stored => stored.Segment).ToList();
        var hearer = new LoneEngine(LoneEngine.Found(Root, Other), Other, [Root.Agent], new GossipOptions { HoldBackBytesMax = 2 * GossipOptions.FrameBytesMax });
        hearer.Called(Root.Agent, new GossipMessage.Push(1, [.. segments.Skip(1).Select(segment => new FrameSegment(segment, 0))], [], false));
        Assert.NotEmpty(hearer.Status.HeldBack);
        for (var i = 0; i < 40 && !hearer.Status.Clock.Equals(writer.Status.Clock); i++)
        {
            hearer.ExchangeWith(writer);
            hearer.Commit();
        }

        Assert.Equal(writer.Status.Clock, hearer.Status.Clock);
    }

    [Theory]
    [InlineData(GossipOptions.FrameBytesMax, true)]
    [InlineData(GossipOptions.FrameBytesMax + 1, false)]
    public void A_frame_is_at_most_the_largest_segment(int budget, bool accepted)
    {
        var options = new GossipOptions { FrameBudgetBytes = budget };
        if (accepted) options.Validate();
        else Assert.Throws<ArgumentOutOfRangeException>(options.Validate);
    }
}
