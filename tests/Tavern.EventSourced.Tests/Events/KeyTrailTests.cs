using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Provenance;
using Tavern.EventSourced.Tests.Support;
using static Tavern.EventSourced.Tests.Support.KeyHistory;

namespace Tavern.EventSourced.Tests.Events;

/// <summary>What shows somebody who holds the tavern's id alone that an agent has a newer key, and all that does not.</summary>
public class KeyTrailTests
{
    private readonly KeyHistory _history = new();
    private readonly KeyHistory _given = WithAllGiven();

    [Fact]
    public void An_ancestor_gives_a_key_with_its_own_and_nobody_else_does_with_any()
    {
        var shown = 0;
        foreach (var writer in Agents)
            foreach (var key in Signers)
                foreach (var agent in Agents)
                {
                    var place = _history.Follow([.. Places(), ExcerptIn(_history.Rekey(writer, key, agent, New), 1)]);
                    var expected = writer == key && (writer == Root ? agent != Root : writer == Gandalf && agent == Frodo);
                    Assert.True(expected == Gives(place, agent, New), $"writer {Name(writer)}, key {Name(key)}, agent {Name(agent)}: expected {expected}, got {place}");
                    if (expected) shown++;
                }

        Assert.Equal(4, shown);
    }

    [Fact]
    public void The_recovery_key_alone_gives_the_root_a_key()
    {
        foreach (var writer in new[] { Root, Gandalf })
            foreach (var key in Signers)
                foreach (var epoch in new[] { 1, 2, 7 })
                    foreach (var isLinked in new[] { true, false })
                    {
                        var last = _history.HashOf(writer.Agent.At(_history.Index.HeadOf(new ChainId(writer.Agent, 1))));
                        var recovery = new ChainWriter(_history.Tavern, new ChainId(writer.Agent, epoch), key)
                            .Write([_history.Rekeyed(writer, New)], 0, isLinked ? last : Hash.Of([1]), [], [default])[0];
                        var finding = _history.Follow([.. Places(), ExcerptIn(recovery, 0)]);
                        var expected = writer == Root && key == RecoveryKey && epoch > 1 && isLinked;
                        Assert.True(expected == Gives(finding, writer, New), $"writer {Name(writer)}, key {Name(key)}, epoch {epoch}, linked {isLinked}: expected {expected}, got {finding}");
                    }
    }

    [Fact]
    public void A_plan_leads_from_the_tavern_to_a_key_that_was_given_with_a_key_that_was_given()
    {
        foreach (var (agent, key) in Given)
        {
            var trail = _given.TrailOf(agent, key);
            Assert.True(Gives(_given.Follow(trail), agent, key), $"{Name(agent)}: {_given.Follow(trail)}");
            Assert.Equal(trail.Length, trail.Select(excerpt => excerpt.Hash).Distinct().Count());
        }
    }

    [Fact]
    public void Without_any_of_its_records_a_trail_shows_nothing()
    {
        foreach (var (agent, key) in Given)
        {
            var trail = _given.TrailOf(agent, key);
            for (var left = 0; left < trail.Length; left++)
                Assert.False(Gives(_given.Follow(trail.RemoveAt(left)), agent, key), $"{Name(agent)}, without {trail[left].First.Id}");
        }
    }

    [Fact]
    public void A_first_key_needs_no_trail_and_one_that_nobody_gave_has_none()
    {
        foreach (var agent in Agents)
            foreach (var key in Signers) Assert.Empty(_history.TrailOf(agent, key));
    }

    [Fact]
    public void Another_tavern_shows_nothing_here()
    {
        var trail = _given.TrailOf(Frodo, Stranger);
        var finding = Assert.IsType<TrailFinding.Refused>(KeyTrail.Follow(Hash.Of("another"u8), trail, new KeyedHashVerifier()));
        Assert.Contains("does not found this tavern", finding.Reason, StringComparison.Ordinal);

        var founded = TavernFounder.Write(
            Stranger, [EventCatalogue.Draft(new TavernFounded("another", "stranger", Stranger.PublicKey.ToArray(), Stranger.PublicKey.ToArray()))], DateTimeOffset.UnixEpoch)[0];
        Refused(_given.Follow(trail[0], ExcerptIn(founded, 0)), "not signed with a key that the records before it give to its writer");
        Refused(_given.Follow(ExcerptIn(founded, 0)), "does not found this tavern");
        var again = new ChainWriter(_given.Tavern, new ChainId(Root.Agent, 2), Root)
            .Write([EventCatalogue.Draft(new TavernFounded("again", "root", Root.PublicKey.ToArray(), Stranger.PublicKey.ToArray()))], 0, default, [], [default])[0];
        Refused(_given.Follow(trail[0], ExcerptIn(again, 0)), "founds another tavern");
    }

    [Fact]
    public void Who_spawns_an_agent_a_second_time_gives_it_no_key_unless_the_agent_accepts_that_spawn()
    {
        var twin = _history.Hold(_history.Write(Legolas, Legolas, 1, default, Spawned(Frodo)));
        var rekeyed = ExcerptIn(_history.Rekey(Legolas, Legolas, Frodo, New), 1);
        ImmutableArray<SignedExcerpt> before = [.. Places(), ExcerptIn(twin, 0)];
        Refused(_history.Follow([.. before, rekeyed]), "nothing shows that its writer is an ancestor");
        foreach (var key in Signers)
        {
            var accepted = new ChainWriter(_history.Tavern, new ChainId(Frodo.Agent, 1), key).Write([Note()], 0, twin.HeadHash, [], [default])[0];
            Refused(_history.Follow([.. before, ExcerptIn(accepted, 0), rekeyed]), key == Frodo ? "accepts a second spawn" : "not signed with a key");
            Assert.Equal(key == Frodo, Gives(_history.Follow([.. before.RemoveAll(excerpt => excerpt.First.Id.Agent == Frodo.Agent), ExcerptIn(accepted, 0), rekeyed]), Frodo, New));
        }
    }

    [Fact]
    public void What_says_nothing_about_keys_is_refused()
    {
        Refused(_history.Follow([.. Places(), _history.ExcerptOf(Gandalf.Agent.At(2))]), "says nothing about keys");
        Refused(_history.Follow(), null);
    }

    [Fact]
    public void Headers_that_do_not_follow_each_other_are_no_excerpt()
    {
        var sound = ExcerptIn(_history.Rekey(Root, Root, Frodo, New), 0);
        Assert.Equal(3, sound.Headers.Length);
        foreach (var headers in new[] { sound.Headers.RemoveAt(1), sound.Headers.Reverse().ToImmutableArray(), [], sound.Headers.SetItem(2, new byte[] { 1 }) })
            Assert.Throws<MalformedRecordException>(() => new SignedExcerpt(headers, default, sound.Signature));
        Assert.Throws<MalformedRecordException>(() => new SignedExcerpt(sound.Headers, "another"u8.ToArray(), sound.Signature));
    }

    /// <summary>What shows whose child each agent is.</summary>
    private ImmutableArray<SignedExcerpt> Places() => [.. _history.Places.Select(_history.ExcerptOf)];

    private static SignedExcerpt ExcerptIn(Segment segment, int record) => SignedExcerpt.Of(segment, segment.First + record);

    private static bool Gives(TrailFinding finding, KeyedHashSigner agent, KeyedHashSigner key) =>
        finding is TrailFinding.Followed(var trail) && trail.Grants.Any(grant => grant.Rekey.Agent == agent.Agent && grant.Rekey.PublicKey.Span.SequenceEqual(key.PublicKey.Span));

    private static void Refused(TrailFinding finding, string? words)
    {
        if (words is null) Assert.Empty(Assert.IsType<TrailFinding.Followed>(finding).Trail.Grants);
        else Assert.Contains(words, Assert.IsType<TrailFinding.Refused>(finding).Reason, StringComparison.Ordinal);
    }

    private static string Name(KeyedHashSigner key) => new[] { "root", "gandalf", "legolas", "frodo", "recovery", "new", "newer", "stranger" }[Signers.IndexOf(key)];
}
