using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Events;

public class SegmentTests
{
    private static readonly ChainId Chain = new(new AgentId(1), 1);

    [Fact]
    public void No_records_are_no_segment()
    {
        Refuses("at least one", []);
        Refuses("at least one", default);
    }

    [Fact]
    public void Records_of_one_chain_that_follow_each_other_are_a_segment()
    {
        var (first, second) = Two();
        var segment = new Segment([first, second], new byte[64]);
        Assert.Equal((Chain, 5L, 6L, second.Hash, first.Bytes + second.Bytes), (segment.Chain, segment.First, segment.Last, segment.HeadHash, segment.Bytes));
    }

    [Fact]
    public void A_gap_a_repetition_and_another_chain_are_refused()
    {
        var (first, second) = Two();
        Refuses("expected", [first, Record(Chain[7], first.Hash)]);
        Refuses("expected", [first, first]);
        Refuses("expected", [second, first]);
        Refuses("expected", [first, Record(new ChainId(new AgentId(2), 1)[6], first.Hash)]);
        Refuses("expected", [first, Record(new ChainId(new AgentId(1), 2)[6], first.Hash)]);
    }

    [Fact]
    public void A_record_that_does_not_name_the_one_before_it_is_refused()
    {
        var (first, _) = Two();
        Refuses("does not name the hash", [first, Record(Chain[6], Hash.Of("another"u8))]);
    }

    [Fact]
    public void Dependencies_stand_on_the_first_record_only()
    {
        var deps = new Dependencies([new EventId(new AgentId(9), 1, 1)], [Hash.Of("head"u8).Prefix]);
        var first = Record(Chain[5], default, deps: deps);
        Assert.Equal(deps.Heads.AsEnumerable(), new Segment([first, Record(Chain[6], first.Hash)], default).Dependencies.AsEnumerable());
        Refuses("carries dependencies", [first, Record(Chain[6], first.Hash, deps: deps)]);
    }

    [Fact]
    public void One_record_may_be_as_large_as_it_likes_and_several_64_KiB_together()
    {
        var large = Record(Chain[5], default, 200_000);
        Assert.True(new Segment([large], default).Bytes > 200_000);
        Refuses("the limit is 65536", [large, Record(Chain[6], large.Hash)]);

        var first = Record(Chain[5], default, 30_000);
        var rest = EventLimits.SegmentBytesMax - first.Bytes;
        var second = Record(Chain[6], first.Hash, rest - (Record(Chain[6], first.Hash, 30_000).Bytes - 30_000));
        Assert.Equal(EventLimits.SegmentBytesMax, new Segment([first, second], default).Bytes);
        Refuses("65537", [first, Record(Chain[6], first.Hash, second.Payload.Length - Overhead + 1)]);
    }

    private static int Overhead => TestAuthor.Note("").Payload.Length;

    private static (EventRecord First, EventRecord Second) Two()
    {
        var first = Record(Chain[5], default);
        return (first, Record(Chain[6], first.Hash));
    }

    private static EventRecord Record(EventId id, Hash previous, int textBytes = 3, Dependencies? deps = null)
    {
        var payload = TestAuthor.Note(new string('x', textBytes)).Payload;
        return EventRecord.Create(new EventHeader(id, previous, new HybridTime(1, 0), "Note", 1, [], null, Hash.Of(payload.Span), deps), payload);
    }

    private static void Refuses(string because, ImmutableArray<EventRecord> records) =>
        Assert.Contains(because, Assert.Throws<MalformedRecordException>(() => new Segment(records, new byte[64])).Message, StringComparison.Ordinal);
}
