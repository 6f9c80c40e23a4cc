using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Gossip;

namespace Tavern.EventSourced.Tests.Events;

/// <summary>Who may begin a later epoch, and with which key.</summary>
public class ChainOriginsTests
{
    private static readonly KeyedHashSigner Root = new(1), Gandalf = new(2), Legolas = new(3), Frodo = new(4), NewKey = new(5);

    private readonly SegmentIndex _index = new();
    private readonly Hash _tavern;
    private readonly Segment _founding, _gandalfs, _frodos;

    /// <summary>The root spawned gandalf and legolas, gandalf spawned frodo, and frodo wrote two events.</summary>
    public ChainOriginsTests()
    {
        _founding = Assert.Single(LoneEngine.Found(Root, Gandalf, Legolas));
        _tavern = _founding.Records[0].Hash;
        _index.Add(_founding, verified: true);
        _gandalfs = Write(Gandalf, 1, 0, _founding.Records[1].Hash, new AgentSpawned(Frodo.Agent, "frodo", Frodo.PublicKey.ToArray()));
        _frodos = Write(Frodo, 1, 0, _gandalfs.HeadHash, new DiscoveryShared("one"), new DiscoveryShared("two"));
    }

    [Fact]
    public void The_same_key_goes_on_from_the_last_recovered_event_or_from_the_spawn_when_none_was()
    {
        var last = _frodos.Chain[2];
        var recovered = Found(First(2, _frodos.HeadHash, new EpochStarted(1, 2, _frodos.HeadHash)));
        Assert.Equal([last], recovered.Needs.AsEnumerable());
        Assert.Equal(_gandalfs.Chain[1], recovered.Spawn);
        Assert.True(recovered.PublicKey.Span.SequenceEqual(Frodo.PublicKey.Span));
        Assert.Equal([_gandalfs.Chain[1]], Found(First(2, _gandalfs.HeadHash, new EpochStarted(1, 0, default))).Needs.AsEnumerable());
        Assert.Equal(_frodos.Chain[3], Assert.IsType<OriginFinding.Missing>(_index.OriginOf(First(2, Hash.Of([1]), new EpochStarted(1, 3, Hash.Of([1]))))).Event);
        Assert.IsType<OriginFinding.Missing>(_index.OriginOf(First(2, Hash.Of([1]), new EpochStarted(1, 2, Hash.Of([1]))))); // another line's, which may come
        Assert.IsType<OriginFinding.Missing>(_index.OriginOf(First(2, _frodos.HeadHash, new DiscoveryShared("no first record of an epoch"))));
    }

    [Fact]
    public void The_last_recovered_event_may_be_one_that_vouches_for_somebody_else()
    {
        var first = Record(Gandalf, 2, _gandalfs.HeadHash, new EpochStarted(1, 1, _gandalfs.HeadHash));
        Assert.Equal([_gandalfs.Chain[1]], Found(first).Needs.AsEnumerable());
    }

    [Fact]
    public void A_new_key_counts_from_every_strict_ancestor_and_from_nobody_else()
    {
        var last = _frodos.Chain[2];
        foreach (var (writer, head, previous, counts) in new[]
        {
            (Root, _founding.Last, _founding.HeadHash, true), (Gandalf, 1L, _gandalfs.HeadHash, true), (Legolas, 0L, _founding.Records[2].Hash, false),
            (Frodo, 2L, _frodos.HeadHash, false),
        })
        {
            var rekeyed = Write(writer, 1, head, previous, new AgentRekeyed(Frodo.Agent, NewKey.PublicKey.ToArray(), last.Sequence, _frodos.HeadHash));
            var finding = _index.OriginOf(First(2, rekeyed.HeadHash, new EpochStarted(1, 2, _frodos.HeadHash)));
            if (!counts)
            {
                Assert.Contains("no ancestor", Assert.IsType<OriginFinding.Refused>(finding).Reason, StringComparison.Ordinal);
                continue;
            }

            var origin = Assert.IsType<OriginFinding.Found>(finding).Origin;
            Assert.Equal([rekeyed.Chain[rekeyed.Last], last], origin.Needs.AsEnumerable());
            Assert.True(origin.PublicKey.Span.SequenceEqual(NewKey.PublicKey.Span));
            Assert.IsType<OriginFinding.Refused>(_index.OriginOf(Record(Legolas, 2, rekeyed.HeadHash, new EpochStarted(1, 0, default)))); // another's new key
        }
    }

    [Fact]
    public void Who_spawns_an_agent_a_second_time_is_no_ancestor_of_it()
    {
        var twin = Write(Legolas, 1, 0, _founding.Records[2].Hash, new AgentSpawned(Frodo.Agent, "frodo", Frodo.PublicKey.ToArray()));
        var rekeyed = Write(Legolas, 1, 1, twin.HeadHash, new AgentRekeyed(Frodo.Agent, NewKey.PublicKey.ToArray(), 2, _frodos.HeadHash));
        Assert.IsType<OriginFinding.Refused>(_index.OriginOf(First(2, rekeyed.HeadHash, new EpochStarted(1, 2, _frodos.HeadHash))));
    }

    [Fact]
    public void A_new_key_that_names_another_record_than_the_one_held_or_none_counts_for_nothing()
    {
        var wrong = Write(Root, 1, _founding.Last, _founding.HeadHash, new AgentRekeyed(Frodo.Agent, NewKey.PublicKey.ToArray(), 2, Hash.Of([1])));
        Assert.IsType<OriginFinding.Missing>(_index.OriginOf(First(2, wrong.HeadHash, new EpochStarted(1, 0, default))));
        var none = Write(Root, 1, _founding.Last + 1, wrong.HeadHash, new AgentRekeyed(Frodo.Agent, NewKey.PublicKey.ToArray(), 0, default));
        Assert.IsType<OriginFinding.Missing>(_index.OriginOf(First(2, none.HeadHash, new EpochStarted(1, 0, default))));
    }

    private ChainOrigin Found(EventRecord first) => Assert.IsType<OriginFinding.Found>(_index.OriginOf(first)).Origin;

    private EventRecord First(int epoch, Hash previous, TavernEvent body) => Record(Frodo, epoch, previous, body);

    private EventRecord Record(KeyedHashSigner writer, int epoch, Hash previous, TavernEvent body) =>
        new ChainWriter(_tavern, new ChainId(writer.Agent, epoch), writer).Write([EventCatalogue.Draft(body)], 0, previous, [], [default(HybridTime)])[0].Records[0];

    private Segment Write(KeyedHashSigner writer, int epoch, long head, Hash previous, params TavernEvent[] bodies)
    {
        var segment = new ChainWriter(_tavern, new ChainId(writer.Agent, epoch), writer)
            .Write([.. bodies.Select(EventCatalogue.Draft)], head, previous, [], [.. bodies.Select(_ => default(HybridTime))])[0];
        _index.Add(segment, verified: true);
        return segment;
    }
}
