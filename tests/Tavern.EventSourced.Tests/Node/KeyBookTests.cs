using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Provenance;
using Tavern.EventSourced.Tests.Support;
using static Tavern.EventSourced.Tests.Support.KeyHistory;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Which keys speak for an agent, as far as a log says it, and what a trail adds to that.</summary>
public class KeyBookTests
{
    private readonly KeyHistory _history = new();
    private readonly KeyBook _book = new();

    public KeyBookTests()
    {
        foreach (var segment in _history.Held) _book.Add(segment, _history.Index);
    }

    [Fact]
    public void An_agent_speaks_with_the_key_that_its_id_derives_from()
    {
        foreach (var agent in Agents) Speaks(agent, agent);
        Assert.Equal(KeyStanding.Unheard, _book.Judge(Stranger.Agent, Stranger.PublicKey, null).Standing);
        Assert.Equal(KeyStanding.Another, _book.Judge(Stranger.Agent, New.PublicKey, null).Standing);
    }

    [Fact]
    public void From_the_moment_it_is_given_a_new_key_it_speaks_with_that_one_alone()
    {
        var rekeyed = Hold(_history.Rekey(Root, Root, Frodo, New));
        Speaks(Frodo, New);
        Assert.Equal($"{Frodo.Agent} has a newer key", _book.Judge(Frodo.Agent, Frodo.PublicKey, null).Flaw);
        Hold(_history.Begin(Frodo, New, 2, rekeyed.Chain[rekeyed.First + 1], Frodo.Agent.At(2)));
        Speaks(Frodo, New);
        Hold(_history.Begin(Frodo, Frodo, 3, Frodo.Agent.At(2), Frodo.Agent.At(2))); // the old key can still write, and yet does not speak
        Speaks(Frodo, New);
        Hold(_history.Rekey(Root, Root, Frodo, Newer, lastEpoch: 2));
        Speaks(Frodo, Newer);
        Assert.True(_book.TryGetKey(new ChainId(Frodo.Agent, 1), out var first) && first.Span.SequenceEqual(Frodo.PublicKey.Span)); // its records stay what they are
    }

    [Fact]
    public void Of_two_keys_given_at_one_time_either_speaks_until_one_has_begun_a_chain()
    {
        Hold(_history.Rekey(Root, Root, Frodo, New));
        var second = Hold(_history.Rekey(Gandalf, Gandalf, Frodo, Newer));
        Speaks(Frodo, New, Newer);
        Hold(_history.Begin(Frodo, Newer, 2, second.Chain[second.First + 1], Frodo.Agent.At(2)));
        Speaks(Frodo, Newer);
    }

    [Fact]
    public void Nobody_but_an_ancestor_takes_an_agents_key_away_whatever_it_says_first()
    {
        Hold(_history.Rekey(Legolas, Legolas, Gandalf, New));
        Hold(_history.Write(Legolas, Legolas, 1, default, Spawned(Frodo)));
        Hold(_history.Rekey(Legolas, Legolas, Frodo, New));
        Hold(_history.Rekey(Frodo, Frodo, Gandalf, New));
        Hold(_history.Rekey(Frodo, Frodo, Frodo, New));
        foreach (var agent in Agents) Speaks(agent, agent);
    }

    [Fact]
    public void A_recovered_root_speaks_with_its_new_key_and_never_with_the_recovery_key()
    {
        var recovery = Hold(_history.Recover(RecoveryKey, New));
        Speaks(Root, New);
        Hold(_history.Begin(Root, New, 3, recovery.Chain[1], recovery.Chain[1]));
        Speaks(Root, New);
        Hold(_history.Begin(Root, Root, 4, Root.Agent.At(4), Root.Agent.At(4)));
        Speaks(Root, New);
        Hold(_history.Recover(RecoveryKey, Newer, lastEpoch: 4));
        Speaks(Root, Newer);
    }

    [Fact]
    public void A_trail_shows_a_key_to_whoever_has_not_heard_of_it_and_whatever_it_holds()
    {
        var before = _history.Held.Count;
        var recovery = _history.Hold(_history.Recover(RecoveryKey, New));
        _history.Hold(_history.Write(Root, New, 3, recovery.HeadHash, EventCatalogue.Draft(new EpochStarted(2, 1, recovery.HeadHash)), _history.Rekeyed(Frodo, Newer)));
        var trail = Trail(Frodo, Newer);
        for (var held = 0; held <= _history.Held.Count; held++)
        {
            var book = BookOf(held);
            Assert.Equal(new KeyFinding(KeyStanding.Known), book.Judge(Frodo.Agent, Newer.PublicKey, trail));
            Assert.Equal(new KeyFinding(KeyStanding.Known), book.Judge(Root.Agent, New.PublicKey, trail));
            Assert.Equal(held > before + 1 ? KeyStanding.Known : KeyStanding.Another, book.Judge(Frodo.Agent, Newer.PublicKey, null).Standing);
            foreach (var key in Signers.Where(key => key != Newer && key != Frodo))
                Assert.Equal(KeyStanding.Another, book.Judge(Frodo.Agent, key.PublicKey, trail).Standing);
        }
    }

    [Fact]
    public void A_trail_that_is_older_than_what_is_held_shows_nothing()
    {
        var first = Hold(_history.Rekey(Root, Root, Frodo, New));
        var trail = Trail(Frodo, New);
        Assert.Null(_book.Judge(Frodo.Agent, New.PublicKey, trail).Flaw);
        Hold(_history.Begin(Frodo, New, 2, first.Chain[first.First + 1], Frodo.Agent.At(2)));
        Assert.Null(_book.Judge(Frodo.Agent, New.PublicKey, trail).Flaw);
        Hold(_history.Rekey(Root, Root, Frodo, Newer, lastEpoch: 2));
        Assert.Equal(new KeyFinding(KeyStanding.Another, $"{Frodo.Agent} has a newer key"), _book.Judge(Frodo.Agent, New.PublicKey, trail));
    }

    [Fact]
    public void A_key_that_was_taken_from_its_agent_gives_nobody_a_key_that_is_not_held()
    {
        var forged = _history.Rekey(Gandalf, Gandalf, Frodo, Newer); // with gandalf's old key, which somebody stole
        Hold(_history.Rekey(Root, Root, Gandalf, New));
        var trail = Followed([.. Place(), SignedExcerpt.Of(forged, forged.First + 1)]);
        Assert.Contains("is signed with one that is not its writer's here", _book.Judge(Frodo.Agent, Newer.PublicKey, trail).Flaw, StringComparison.Ordinal);
        Assert.Null(BookOf(4).Judge(Frodo.Agent, Newer.PublicKey, trail).Flaw); // before gandalf's new key is held nothing tells the two apart
        Hold(forged); // as what gandalf wrote before it lost its key
        Assert.Null(_book.Judge(Frodo.Agent, Newer.PublicKey, trail).Flaw);
    }

    [Fact]
    public void What_a_trail_shows_for_one_agent_does_not_hurt_another()
    {
        var first = _history.Hold(_history.Recover(RecoveryKey, New));
        _history.Hold(_history.Write(Root, New, 3, first.HeadHash, EventCatalogue.Draft(new EpochStarted(2, 1, first.HeadHash)), _history.Rekeyed(Frodo, Newer)));
        _history.Hold(_history.Recover(RecoveryKey, Stranger, lastEpoch: 3)); // later than what gave frodo its key
        var forged = _history.Rekey(Gandalf, Gandalf, Frodo, Stranger);
        Hold(_history.Rekey(Root, Root, Gandalf, Legolas)); // so gandalf's own key gives nothing any more
        var trail = Followed([.. _history.TrailOf(Root, Stranger), .. _history.TrailOf(Frodo, Newer), SignedExcerpt.Of(forged, forged.First + 1)]);
        Assert.Null(_book.Judge(Root.Agent, Stranger.PublicKey, trail).Flaw);
        Assert.Null(_book.Judge(Frodo.Agent, Newer.PublicKey, trail).Flaw);
        Assert.Contains("not its writer's here", _book.Judge(Frodo.Agent, Stranger.PublicKey, trail).Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spawn_that_an_agent_accepted_counts_more_than_one_that_a_trail_says_it_accepted()
    {
        var twin = Hold(_history.Write(Legolas, Legolas, 1, default, Spawned(Frodo)));
        var rekeyed = _history.Rekey(Legolas, Legolas, Frodo, New);
        var accepted = new ChainWriter(_history.Tavern, new ChainId(Frodo.Agent, 1), Frodo).Write([Note()], 0, twin.HeadHash, [], [default])[0]; // frodo's old key, stolen
        var trail = Followed([.. Place().Where(excerpt => excerpt.First.Id.Agent != Frodo.Agent), SignedExcerpt.Of(twin, 2), SignedExcerpt.Of(accepted, 1), SignedExcerpt.Of(rekeyed, rekeyed.First + 1)]);
        Assert.Contains("but its log here says another", _book.Judge(Frodo.Agent, New.PublicKey, trail).Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trail_to_another_key_shows_nothing()
    {
        Hold(_history.Rekey(Root, Root, Frodo, New));
        Assert.Contains("nothing gives", BookOf(4).Judge(Gandalf.Agent, New.PublicKey, Trail(Frodo, New)).Flaw, StringComparison.Ordinal);
        Assert.Contains("nothing gives", BookOf(0).Judge(Frodo.Agent, Stranger.PublicKey, Trail(Frodo, New)).Flaw, StringComparison.Ordinal);
    }

    private Segment Hold(Segment segment)
    {
        _history.Hold(segment);
        _book.Add(segment, _history.Index);
        _book.Add(segment, _history.Index); // changes nothing
        return segment;
    }

    /// <summary>What a node knows that holds the first so many segments.</summary>
    private KeyBook BookOf(int segments)
    {
        var (book, index) = (new KeyBook(), new SegmentIndex());
        foreach (var segment in _history.Held.Take(segments))
        {
            index.Add(segment, verified: true);
            book.Add(segment, index);
        }

        return book;
    }

    private KeyTrail Trail(KeyedHashSigner agent, KeyedHashSigner key) => Followed(_history.TrailOf(agent, key));

    private KeyTrail Followed(ImmutableArray<SignedExcerpt> trail) => Assert.IsType<TrailFinding.Followed>(_history.Follow(trail)).Trail;

    private IEnumerable<SignedExcerpt> Place() => _history.Places.Select(_history.ExcerptOf);

    private void Speaks(KeyedHashSigner agent, params KeyedHashSigner[] keys)
    {
        foreach (var key in Signers)
            Assert.True(keys.Contains(key) == _book.Judge(agent.Agent, key.PublicKey, null).Standing is KeyStanding.Known, $"agent {Signers.IndexOf(agent)}, key {Signers.IndexOf(key)}");
        Assert.Equal(keys.Select(key => key.Agent).Order(), _book.KeysOf(agent.Agent).Select(key => AgentId.FromPublicKey(key.Span)).Order());
    }
}
