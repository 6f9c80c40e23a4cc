using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Gossip;

public class PeerTableTests
{
    [Fact]
    public void Of_any_eight_choices_one_is_for_somebody_silent_and_one_for_a_seed_each_in_turn_and_all_alive_get_theirs()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new SplitMix64(seed);
            var ids = Enumerable.Range(1, 2 + random.Below(40)).Select(number => new AgentId((UInt128)number)).ToArray();
            ImmutableArray<AgentId> seeds = [.. ids.Where(_ => random.Below(5) == 0)];
            var table = new PeerTable(random, new SegmentIndex(), default, seeds, new NodeShare());
            foreach (var id in ids) table.Add(id);
            var silent = ids.Where(_ => random.Below(3) == 0).ToHashSet();
            foreach (var peer in table.All) if (silent.Contains(peer.Id)) Silence(peer, dead: random.Below(2) == 0);
            var alive = ids.Where(id => !silent.Contains(id)).ToHashSet();

            var chosen = new List<AgentId>();
            for (var i = 0; i < 8 * 2 * ids.Length; i++)
            {
                var peer = table.Choose(TimeSpan.Zero, random.Below(3));
                Assert.NotNull(peer);
                chosen.Add(peer.Id);
            }

            for (var start = 0; start + 8 <= chosen.Count; start++)
            {
                var eight = chosen[start..(start + 8)];
                Assert.True(silent.Count == 0 || eight.Exists(silent.Contains), $"seed {seed}: nobody silent among choices {start} to {start + 7}");
                Assert.True(seeds.IsEmpty || eight.Exists(id => seeds.Contains(id)), $"seed {seed}: no seed among choices {start} to {start + 7}");
            }

            AssertAll(silent, 8 * silent.Count);
            AssertAll(seeds, 8 * seeds.Length);
            AssertAll(alive, chosen.Count);
            if (alive.Count > 0) Assert.True(chosen.Count(silent.Contains) <= chosen.Count / 8 + chosen.Count(id => seeds.Contains(id)) + 1, $"seed {seed}: silent ones get more than their share");

            void AssertAll(IEnumerable<AgentId> of, int within)
            {
                foreach (var id in of) Assert.True(chosen.Take(within + 8).Contains(id), $"seed {seed}: {id} was not chosen within {within} choices");
            }
        }
    }

    [Fact]
    public void While_nobody_alive_can_be_called_silent_ones_are()
    {
        var ids = Enumerable.Range(1, 5).Select(number => new AgentId((UInt128)number)).ToArray();
        var table = new PeerTable(new SplitMix64(1), new SegmentIndex(), default, [], new NodeShare());
        foreach (var id in ids) table.Add(id);
        foreach (var peer in table.All) Silence(peer, dead: true);
        Assert.Equal(ids, Enumerable.Range(0, 5).Select(_ => table.Choose(TimeSpan.Zero, 0)!.Id).Order());
    }

    [Fact]
    public void Helpers_are_alive_distinct_and_not_whom_they_are_to_try()
    {
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var random = new SplitMix64(seed);
            var table = new PeerTable(random, new SegmentIndex(), default, [], new NodeShare());
            for (var number = 1; number <= 9; number++) table.Add(new AgentId((UInt128)number));
            var peers = table.All.ToList();
            foreach (var peer in peers) if (random.Below(2) == 0) Silence(peer, dead: false);
            var target = peers[random.Below(9)];
            var helpers = table.Helpers(target, 3, TimeSpan.Zero);
            Assert.DoesNotContain(target, helpers);
            Assert.Equal(helpers.Count, helpers.Distinct().Count());
            Assert.All(helpers, helper => Assert.Equal(Liveness.Alive, helper.Health.Liveness));
            Assert.Equal(Math.Min(3, peers.Count(peer => peer != target && peer.Health.Liveness is Liveness.Alive)), helpers.Count);
        }
    }

    private static void Silence(Peer peer, bool dead)
    {
        var by = new AgentId(1);
        peer.Health.IsSuspected(new Rumour(peer.Id, Liveness.Suspected, 0, by), new Suspicion(by, TimeSpan.Zero, TimeSpan.FromHours(1), 0), DateTimeOffset.UnixEpoch);
        if (dead) peer.Health.IsDead(DateTimeOffset.UnixEpoch);
    }
}
