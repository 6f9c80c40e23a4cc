using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>The root gets a new key by its recovery key and by nothing else: every combination of writer, key and place, at an engine that hears it.</summary>
public class RootRecoveryTests
{
    private static readonly KeyedHashSigner Root = new(1), Gandalf = new(2), Recovery = new(3), NewKey = new(4), Stranger = new(5);
    private static readonly KeyedHashSigner[] Keys = [Root, Gandalf, Recovery, NewKey, Stranger];

    private readonly ImmutableArray<Segment> _held;
    private readonly Segment _gandalfs;

    /// <summary>The root spawned gandalf and wrote a note; gandalf wrote one, too.</summary>
    public RootRecoveryTests()
    {
        var founding = TavernFounder.Write(
            Root,
            [
                EventCatalogue.Draft(new TavernFounded("test", "root", Root.PublicKey.ToArray(), Recovery.PublicKey.ToArray())),
                EventCatalogue.Draft(new AgentSpawned(Gandalf.Agent, "gandalf", Gandalf.PublicKey.ToArray())),
                LoneEngine.Note("the last that is known of the root"),
            ],
            DateTimeOffset.UnixEpoch);
        _held = founding;
        _gandalfs = Written(new ChainId(Gandalf.Agent, 1), Gandalf, founding[0].Records[1].Hash, new DiscoveryShared("gandalf's"));
        _held = [.. founding, _gandalfs];
    }

    [Fact]
    public void A_chain_that_gives_its_own_writer_a_key_is_delivered_of_the_root_and_by_the_recovery_key_alone()
    {
        var delivered = 0;
        foreach (var writer in new[] { Root, Gandalf })
        foreach (var about in new[] { Root, Gandalf })
        foreach (var key in Keys)
        foreach (var epoch in new[] { 1, 2, 7 })
        foreach (var isLinked in new[] { true, false })
        {
            var last = about == Root ? _held[0] : _gandalfs;
            var rekeyed = new AgentRekeyed(about.Agent, NewKey.PublicKey.ToArray(), last.Last, isLinked ? last.HeadHash : Hash.Of([1]));
            var segment = Written(new ChainId(writer.Agent, epoch), key, last.HeadHash, rekeyed);
            var expected = writer == Root && about == Root && key == Recovery && epoch > 1 && isLinked;
            Assert.True(expected == IsDelivered(segment), $"agent {Name(writer)}, about {Name(about)}, key {Name(key)}, epoch {epoch}, linked {isLinked}: expected {expected}");
            if (expected) delivered++;
        }

        Assert.Equal(2, delivered);
    }

    [Fact]
    public void After_a_recovery_the_new_key_goes_on_and_no_other()
    {
        var recovery = Recovered(2);
        foreach (var writer in new[] { Root, Gandalf })
        foreach (var key in Keys)
        foreach (var epoch in new[] { 2, 3, 9 })
        {
            var next = Written(new ChainId(writer.Agent, epoch), key, recovery.HeadHash, new EpochStarted(2, 1, recovery.HeadHash));
            var expected = writer == Root && key == NewKey && epoch > 2;
            Assert.True(expected == IsDelivered(next, recovery), $"agent {Name(writer)}, key {Name(key)}, epoch {epoch}: expected {expected}");
        }
    }

    [Fact]
    public void The_recovery_key_gives_another_key_again_after_what_the_last_one_wrote()
    {
        var recovery = Recovered(2);
        var next = Written(new ChainId(Root.Agent, 3), NewKey, recovery.HeadHash, new EpochStarted(2, 1, recovery.HeadHash));
        foreach (var key in Keys)
        {
            var again = Written(new ChainId(Root.Agent, 4), key, next.HeadHash, new AgentRekeyed(Root.Agent, Stranger.PublicKey.ToArray(), 1, next.HeadHash, 3));
            Assert.True(key == Recovery == IsDelivered(again, next, recovery), Name(key));
        }
    }

    [Fact]
    public void Nobody_founds_the_tavern_again_with_a_recovery_key_of_its_own()
    {
        foreach (var founder in new[] { Root, Gandalf, Stranger })
        foreach (var epoch in new[] { 1, 2 })
        {
            var again = Written(new ChainId(founder.Agent, epoch), founder, default, new TavernFounded("again", "root", founder.PublicKey.ToArray(), Stranger.PublicKey.ToArray()));
            Assert.False(IsDelivered(again), $"agent {Name(founder)}, epoch {epoch}");
        }
    }

    private Segment Recovered(int epoch) => Written(
        new ChainId(Root.Agent, epoch), Recovery, _held[0].HeadHash, new AgentRekeyed(Root.Agent, NewKey.PublicKey.ToArray(), _held[0].Last, _held[0].HeadHash));

    /// <summary>True when gandalf, who hears it with what comes before it last, delivers it.</summary>
    private bool IsDelivered(Segment segment, params Segment[] before)
    {
        var engine = new LoneEngine(_held, Gandalf, []) { ExposesForks = false };
        foreach (var heard in new[] { segment }.Concat(before))
        {
            engine.Called(Root.Agent, new GossipMessage.Push(1, [new FrameSegment(heard, 0)], [], false));
            engine.Commit();
        }

        return engine.Delivered().Contains(segment.HeadHash);
    }

    private Segment Written(ChainId chain, KeyedHashSigner key, Hash previous, TavernEvent body) =>
        new ChainWriter(LoneEngine.TavernOf(_held), chain, key).Write([EventCatalogue.Draft(body)], 0, previous, [], [default(HybridTime)])[0];

    private static string Name(KeyedHashSigner key) => key == Root ? "root" : key == Gandalf ? "gandalf" : key == Recovery ? "recovery" : key == NewKey ? "new" : "stranger";
}
