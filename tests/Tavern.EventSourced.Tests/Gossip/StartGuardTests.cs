using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Whatever happens to disks, no agent uses a number twice, and what others have comes back.</summary>
public class StartGuardTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Crashes_wiped_and_restored_logs_and_partitions_in_any_order_never_make_an_agent_use_a_number_twice(ulong seed)
    {
        for (var run = seed * 100; run < (seed * 100) + 25; run++)
        {
            try
            {
                Play(run);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {run}: {e.Message}", e);
            }
        }
    }

    [Fact]
    public void A_cold_start_of_all_goes_on_in_the_same_epochs_and_so_does_a_crash_of_all()
    {
        var tavern = Running(3);
        foreach (var node in tavern.Nodes) tavern.Append(node, "before");
        foreach (var end in (Action<GuardedNode>[])[tavern.Stop, tavern.Crash])
        {
            foreach (var node in tavern.Nodes) end(node);
            foreach (var node in tavern.Nodes) tavern.Start(node);
            tavern.Pass(Minute);
            foreach (var node in tavern.Nodes) tavern.Append(node, "after");
        }

        Assert.All(tavern.Nodes, node => Assert.Equal(1, node.Written[^1].Epoch));
    }

    [Fact]
    public void An_older_copy_of_the_log_ends_the_epoch_and_all_that_others_have_comes_back()
    {
        var tavern = Running(3);
        var frodo = tavern.Nodes[1];
        tavern.Append(frodo, "one");
        tavern.Stop(frodo);
        var copy = frodo.Disk;
        tavern.Start(frodo);
        tavern.Pass(Minute);
        tavern.Append(frodo, "two");
        tavern.Pass(Minute);
        tavern.Crash(frodo);
        var last = frodo.HeadOf(new ChainId(frodo.Id, 1));
        tavern.Restore(frodo, copy);
        frodo.Lease = null; // the keys folder is of no help
        tavern.Start(frodo);
        tavern.Pass(Minute);
        Assert.Contains("another agent has", frodo.Passed[^1], StringComparison.Ordinal);
        Assert.Equal(last, frodo.HeadOf(new ChainId(frodo.Id, 1)));
        Assert.Equal(new EventId(frodo.Id, 2, 1), frodo.Written[^1]);
    }

    [Fact]
    public void A_lease_alone_shows_that_numbers_were_used_which_nobody_has()
    {
        var tavern = Running(2);
        var frodo = tavern.Nodes[1];
        tavern.Connected = (_, _) => false;
        tavern.Stop(frodo);
        var copy = frodo.Disk;
        tavern.Start(frodo);
        tavern.Append(frodo, "nobody hears this");
        tavern.Stop(frodo);
        tavern.Restore(frodo, copy);
        tavern.Connected = (_, _) => true;
        tavern.Start(frodo);
        tavern.Pass(Minute);
        Assert.Contains("its lease says", frodo.Passed[^1], StringComparison.Ordinal);
        Assert.Equal(2, frodo.Written[^1].Epoch);
    }

    [Fact]
    public void When_nobody_answers_after_a_crash_a_new_epoch_begins_after_five_seconds_or_never_when_told_to_wait()
    {
        foreach (var waits in (bool[])[false, true])
        {
            var tavern = Running(3);
            var frodo = tavern.Nodes[1];
            tavern.Crash(frodo);
            tavern.Connected = (_, _) => false;
            frodo.WaitForPeers = waits;
            tavern.Start(frodo);
            tavern.Pass(TimeSpan.FromSeconds(4.5));
            Assert.True(frodo.Engine!.HoldsAppends);
            tavern.Pass(TimeSpan.FromSeconds(10));
            Assert.Equal(waits, frodo.Engine.HoldsAppends);
            if (!waits)
            {
                Assert.Contains("none of 2 known agents", frodo.Passed[^1], StringComparison.Ordinal);
                continue;
            }

            tavern.Connected = (_, _) => true;
            tavern.Pass(TimeSpan.FromSeconds(1));
            Assert.False(frodo.Engine.HoldsAppends);
            Assert.Null(frodo.Passed[^1]);
        }
    }

    [Fact]
    public void Nobody_answers_only_when_those_asked_have_failed_however_late_that_is_noticed()
    {
        foreach (var answers in (bool[])[true, false])
        {
            var tavern = Running(3);
            var frodo = tavern.Nodes[1];
            tavern.Crash(frodo);
            tavern.Start(frodo, settles: false); // its machine is busy: answers are on their way and not looked at
            tavern.Pass(TimeSpan.FromSeconds(8), settles: false);
            Assert.True(frodo.Engine!.HoldsAppends);
            tavern.Connected = (_, _) => answers;
            tavern.Settle();
            Assert.Equal(answers, frodo.Passed[^1] is null);
        }
    }

    [Fact]
    public void An_epoch_that_was_leased_and_never_begun_is_passed_over_and_everybody_hears_the_next()
    {
        var tavern = Running(3);
        foreach (var node in (GuardedNode[])[tavern.Nodes[0], tavern.Nodes[1]])
        {
            tavern.Crash(node);
            node.Lease = new SimulatedLease(Epoch: 2, Used: 0, node.Disk.File, IsStopped: false); // killed before the first record was committed
            tavern.Connected = (_, _) => false;
            tavern.Start(node);
            tavern.Pass(Minute);
            tavern.Append(node, "in the third epoch");
            tavern.Connected = (_, _) => true;
            tavern.Pass(Minute);
            Assert.Equal(new EventId(node.Id, 3, 2), node.Written[^1]);
            Assert.All(tavern.Nodes, other => Assert.Equal((0, 2), (other.HeadOf(new ChainId(node.Id, 2)), other.HeadOf(new ChainId(node.Id, 3)))));
        }
    }

    [Fact]
    public void Whoever_waits_for_peers_sleeps_between_questions()
    {
        var tavern = Running(3);
        var frodo = tavern.Nodes[1];
        tavern.Crash(frodo);
        tavern.Connected = (_, _) => false;
        frodo.WaitForPeers = true;
        tavern.Start(frodo);
        for (var second = 0; second < 30; second++)
        {
            tavern.Pass(TimeSpan.FromSeconds(1));
            Assert.True(frodo.WakeAt > tavern.Now - frodo.StartedAt, $"It wants to be woken at {frodo.WakeAt}, and it is {tavern.Now - frodo.StartedAt} after its start.");
        }
    }

    [Fact]
    public void After_an_orderly_stop_of_the_very_same_log_nobody_has_to_answer()
    {
        var tavern = Running(3);
        var frodo = tavern.Nodes[1];
        tavern.Stop(frodo);
        tavern.Connected = (_, _) => false;
        tavern.Start(frodo);
        tavern.Pass(TimeSpan.FromSeconds(1));
        Assert.Null(frodo.Passed[^1]);
        Assert.False(frodo.Engine!.HoldsAppends);
    }

    [Fact]
    public void A_liar_cannot_end_an_epoch()
    {
        var tavern = Running(3);
        var (frodo, liar) = (tavern.Nodes[1], tavern.Nodes[2]);
        tavern.Crash(frodo);
        var forged = new ChainWriter(tavern.Ledger[new EventId(tavern.Nodes[0].Id, 1, 1)], new ChainId(frodo.Id, 7), liar.Signer)
            .Write([LoneEngine.Note("I am frodo")], 99, default, [], [default])[0];
        var true1 = tavern.HeadsOf(tavern.Nodes[0], frodo.Id);
        foreach (var lie in (SignedHead[])[new(forged.Records[0].HeaderBytes, forged.Signature), new(new byte[] { 1, 2, 3 }, new byte[64]), .. true1.Select(head => new SignedHead(head.Header, forged.Signature))])
        {
            liar.Lie = _ => [lie];
            tavern.Start(frodo);
            tavern.Pass(Minute);
            Assert.Null(frodo.Passed[^1]);
            tavern.Crash(frodo);
        }
    }

    [Fact]
    public void An_agent_with_a_new_key_from_an_ancestor_goes_on_in_a_new_epoch_that_everybody_delivers()
    {
        var tavern = Running(3);
        var (root, frodo) = (tavern.Nodes[0], tavern.Nodes[1]);
        tavern.Crash(frodo);
        tavern.Restore(frodo, SimulatedDisk.Empty);
        frodo.Lost = "the machine is gone";
        frodo.Signer = new KeyedHashSigner(99);
        frodo.Passed.Clear();
        var last = new EventId(frodo.Id, 1, root.HeadOf(new ChainId(frodo.Id, 1)));
        tavern.Start(frodo);
        tavern.Pass(Minute);
        Assert.Empty(frodo.Passed); // nobody vouches for the new key yet
        tavern.Append(root, EventCatalogue.Draft(new AgentRekeyed(frodo.Id, frodo.Signer.PublicKey.ToArray(), last.Sequence, tavern.Ledger[last])));
        tavern.Pass(Minute);
        tavern.Append(frodo, "under the new key");
        tavern.Pass(Minute);
        Assert.Equal(new EventId(frodo.Id, 2, 2), frodo.Written[^1]);
        Assert.All(tavern.Nodes, node => Assert.Equal(2, node.HeadOf(new ChainId(frodo.Id, 2))));
        Assert.All(tavern.Nodes, node => Assert.Equal(last.Sequence, node.HeadOf(last.Chain)));
    }

    private static GuardedTavern Running(int nodes)
    {
        var tavern = new GuardedTavern(nodes, 1);
        foreach (var node in tavern.Nodes) tavern.Start(node);
        tavern.Pass(Minute);
        foreach (var node in tavern.Nodes) tavern.Append(node, "hello");
        tavern.Pass(Minute);
        return tavern;
    }

    private static void Play(ulong seed)
    {
        var random = new SplitMix64(seed);
        var tavern = new GuardedTavern(2 + random.Below(4), random.Next());
        var groups = new int[tavern.Nodes.Length];
        tavern.Connected = (a, b) => groups[tavern.Nodes.IndexOf(a)] == groups[tavern.Nodes.IndexOf(b)];
        var copies = tavern.Nodes.Select(node => node.Disk).ToArray();
        foreach (var node in tavern.Nodes) tavern.Start(node);
        for (var step = 0; step < 80; step++)
        {
            var i = random.Below(tavern.Nodes.Length);
            var node = tavern.Nodes[i];
            switch (random.Below(12))
            {
                case 0: groups[i] = random.Below(2); break;
                case 1: tavern.Crash(node); break;
                case 2: tavern.Stop(node); break;
                case 3: copies[i] = node.Disk; break;
                case 4:
                    tavern.Crash(node);
                    tavern.Restore(node, copies[i]);
                    break;
                case 5 when random.Below(3) == 0:
                    tavern.Crash(node);
                    tavern.Restore(node, SimulatedDisk.Empty);
                    node.Lost = "its log was gone";
                    break;
                case 6: tavern.Commit(node, diesBefore: random.Below(2) == 0, diesAfter: true); break;
                case 7: tavern.Pass(TimeSpan.FromSeconds(random.Below(20))); break;
                case 8 or 9:
                    if (node.Engine is null) tavern.Start(node);
                    break;
                default: tavern.Append(node, $"step {step}"); break;
            }
        }

        var held = tavern.Nodes.SelectMany(node => node.Disk.Segments).SelectMany(segment => segment.Records).Select(record => record.Id).ToHashSet();
        Array.Clear(groups);
        foreach (var node in tavern.Nodes.Where(node => node.Engine is null)) tavern.Start(node);
        tavern.Pass(3 * Minute);
        foreach (var node in tavern.Nodes.Where(node => node.Disk.Runs.Count > 0)) tavern.Append(node, "the end");
        tavern.Pass(3 * Minute);
        if (!tavern.Nodes.Any(node => node.Disk.Runs.Count > 0)) return; // all was lost at once, everywhere
        var clock = tavern.Nodes[0].Engine!.Status(default).Clock;
        foreach (var node in tavern.Nodes)
        {
            Assert.Equal(clock, node.Engine!.Status(default).Clock);
            Assert.True(held.IsSubsetOf(node.Disk.Segments.SelectMany(segment => segment.Records).Select(record => record.Id)), "Something is lost that somebody had.");
            Assert.False(node.Engine.HoldsAppends);
            Assert.Equal(clock[node.Written[^1].Chain], node.Written[^1].Sequence);
        }
    }
}
