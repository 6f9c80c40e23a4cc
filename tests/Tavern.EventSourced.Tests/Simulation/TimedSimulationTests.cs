using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Simulation.Scenarios;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Tests.Simulation;

/// <summary>Each thing that the simulator can do to a tavern does what it says.</summary>
public class TimedSimulationTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void News_takes_the_time_of_links_and_commits_and_no_more()
    {
        var simulation = New(agents: 2);
        Write(simulation.Agents[1]);
        Assert.False(simulation.HasConverged);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, TimeSpan.FromMilliseconds(100)), "two agents did not agree within 100 ms");
    }

    [Fact]
    public void Agents_of_one_node_hear_each_other_without_the_network()
    {
        var simulation = new TimedSimulation(new TimedOptions { Agents = 4, AgentsPerNode = 4 });
        foreach (var agent in simulation.Agents) Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        Assert.Equal(0, simulation.Traffic.Bytes);
        Assert.Equal(simulation.Traffic.LocalCopies, simulation.Traffic.PayloadCopies);
        Assert.All(simulation.Agents, agent => Assert.All(agent.Receipts, receipt => Assert.Equal(DeliveryMode.Local, receipt.Mode)));
    }

    [Fact]
    public void What_a_cut_link_carries_is_lost_in_that_direction_only()
    {
        var simulation = New(agents: 2);
        simulation.Network[0, 1] = new Link { IsCut = true };
        Write(simulation.Agents[1]);
        simulation.Run(Long);
        Assert.False(simulation.HasConverged); // calls of 1 arrive, answers do not
        Assert.All(simulation.Agents[1].Receipts, receipt => Assert.Equal(ReceiptOutcome.Unreachable, receipt.Outcome));
        simulation.Network.Heal();
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
    }

    [Fact]
    public void A_message_that_arrives_twice_delivers_nothing_twice()
    {
        var simulation = New(agents: 3);
        simulation.Network.Usual = new Link { DuplicatesPerMille = 1000 };
        foreach (var agent in simulation.Agents) Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        Assert.Empty(simulation.Violations);
    }

    [Fact]
    public void A_crash_loses_what_no_commit_completed_and_nothing_else()
    {
        var simulation = New(agents: 2);
        simulation.Network.Cut(2, (_, _) => true);
        Write(simulation.Agents[1]);
        simulation.Run(TimeSpan.FromMilliseconds(100));
        var committed = simulation.Agents[1].Events().Length;
        simulation.DeathAt = (node, _) => node.Number == 1 ? CommitDeath.BeforeItIsDurable : null;
        Write(simulation.Agents[1]);
        simulation.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(NodeState.Stopped, simulation.Nodes[1].State);
        simulation.DeathAt = (_, _) => null;
        simulation.Nodes[1].Start();
        Assert.Equal(committed, simulation.Agents[1].Events().Length);
        Assert.Empty(simulation.Violations);
    }

    [Fact]
    public void A_full_disk_commits_when_there_is_room_again()
    {
        var simulation = New(agents: 2);
        simulation.Nodes[1].Disk.IsFull = true;
        Write(simulation.Agents[0]);
        simulation.Run(Long);
        Assert.False(simulation.HasConverged);
        simulation.Nodes[1].Disk.IsFull = false;
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
    }

    [Fact]
    public void A_process_that_stands_still_goes_on_with_what_waited()
    {
        var simulation = New(agents: 2);
        simulation.Nodes[1].Pause();
        Write(simulation.Agents[0]);
        Write(simulation.Agents[1]);
        simulation.Run(Long);
        Assert.False(simulation.HasConverged);
        simulation.Nodes[1].Resume();
        var arrived = simulation.RunUntil(() => simulation.HasConverged && simulation.Agents[0].Log.Count == 3, Long);
        Assert.Empty(simulation.Violations);
        Assert.True(arrived, $"{simulation.HasConverged} {string.Join(", ", simulation.Agents[0].Log)}; {string.Join(", ", simulation.Agents[1].Log)}");
    }

    [Fact]
    public void Clocks_that_jump_change_no_more_than_dates()
    {
        var simulation = New(agents: 3);
        simulation.Nodes[0].ClockAhead = TimeSpan.FromDays(1);
        simulation.Nodes[1].ClockAhead = TimeSpan.FromDays(-1);
        foreach (var agent in simulation.Agents) Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        simulation.Nodes[0].ClockAhead = TimeSpan.Zero;
        foreach (var agent in simulation.Agents) Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        Assert.Empty(simulation.Violations);
    }

    [Fact]
    public void A_wiped_disk_is_filled_by_the_others_and_its_agent_writes_in_a_new_epoch()
    {
        var simulation = New(agents: 3);
        var node = simulation.Nodes[1];
        Write(node.Agents[0]);
        simulation.Run(Long);
        node.Crash();
        node.Disk.Wipe();
        Assert.True(node.Disk.IsGone);
        Assert.Equal(0, node.Disk.Commits);
        AssertNewEpoch(simulation, node, lastSequence: 1);
    }

    [Fact]
    public void Of_a_disk_that_is_rolled_back_the_first_commits_are_left()
    {
        var simulation = New(agents: 3);
        var node = simulation.Nodes[1];
        for (var i = 0; i < 3; i++)
        {
            Write(node.Agents[0]);
            simulation.Run(Long);
        }

        node.Crash();
        var file = node.Disk.File;
        node.Disk.RollBack(2);
        Assert.Equal(2, node.Disk.Commits);
        Assert.NotEqual(file, node.Disk.File);
        AssertNewEpoch(simulation, node, lastSequence: 3);
    }

    [Fact]
    public void Without_leases_the_others_prove_that_the_same_file_was_rolled_back()
    {
        var simulation = New(agents: 3);
        var node = simulation.Nodes[1];
        Write(node.Agents[0]);
        simulation.Run(Long);
        node.Crash();
        node.Disk.RollBack(1, inPlace: true);
        node.Keys.LoseLeases();
        AssertNewEpoch(simulation, node, lastSequence: 1);
    }

    [Fact]
    public void A_restart_from_a_sound_disk_goes_on_in_the_same_epoch_once_somebody_has_answered()
    {
        var simulation = New(agents: 3);
        var node = simulation.Nodes[1];
        Write(node.Agents[0]);
        simulation.Run(Long);
        node.Crash();
        simulation.Nodes[2].Crash();
        node.Start();
        Write(node.Agents[0]);
        simulation.Run(Long);
        simulation.Nodes[2].Start();
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        Assert.Equal([1L, 2L], node.Agents[0].Events().Where(id => id.Agent == node.Agents[0].Id).Select(id => id.Sequence));
        Assert.Empty(simulation.Violations);
    }

    [Fact]
    public void A_newcomer_with_an_empty_disk_hears_everything_and_is_heard()
    {
        var simulation = New(agents: 3);
        Write(simulation.Agents[1]);
        var newcomer = simulation.Join(simulation.Agents[0]);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged && newcomer.Log.Count > 0, Long));
        Write(newcomer);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged && simulation.Agents[2].Events().Any(id => id.Agent == newcomer.Id && id.Sequence == 2), Long));
        Assert.Empty(simulation.Violations);
    }

    [Fact]
    public void Messages_are_the_same_after_the_wire()
    {
        var direct = Spread(new TimedOptions { Agents = 8, Seed = 3 });
        var wired = Spread(new TimedOptions { Agents = 8, Seed = 3, ThroughTheWire = true });
        Assert.Equal(direct.Traffic.Bytes, wired.Traffic.Bytes);
        Assert.Equal(direct.Agents.Select(agent => agent.Events()), wired.Agents.Select(agent => agent.Events()));
    }

    [Fact]
    public void Real_signatures_are_made_and_checked()
    {
        var simulation = Spread(new TimedOptions { Agents = 5, MakeSigner = _ => EcdsaSigner.Create(), Verifier = new EcdsaVerifier(), ThroughTheWire = true });
        Assert.Empty(simulation.Violations);
        Assert.All(simulation.Agents, agent => Assert.All(agent.Receipts, receipt => Assert.Equal(ReceiptOutcome.Delivered, receipt.Outcome)));
    }

    [Fact]
    public void Another_keys_signature_is_refused()
    {
        var simulation = new TimedSimulation(new TimedOptions { Agents = 2, MakeSigner = seed => new WrongSigner(seed) });
        Write(simulation.Agents[1]);
        simulation.Run(Long);
        Assert.False(simulation.HasConverged);
        Assert.Contains(simulation.Agents[0].Receipts, receipt => receipt.Outcome == ReceiptOutcome.Rejected);
    }

    [Fact]
    public void What_does_not_hold_is_told_with_the_steps_before_it()
    {
        var run = new TimedRun("trial", new TimedOptions { Agents = 3 });
        run.Write(run.Agents[1]);
        run.Simulation.Run(TimeSpan.FromSeconds(1));
        run.Simulation.Checks.Violate($"{run.Agents[1].Id} did something.");
        run.Simulation.Run(TimeSpan.FromSeconds(30));
        var report = run.Report();
        Assert.False(report.Held);
        Assert.Equal("1.000 s: agent-1 did something.", report.Violations[0]);
        Assert.Contains(report.Trace, line => line.Contains("agent-1 commits agent-1:1..1", StringComparison.Ordinal));
        Assert.All(report.Trace, line => Assert.StartsWith("0.", line, StringComparison.Ordinal)); // nothing from after it
    }

    private static TimedSimulation New(int agents) => new(new TimedOptions { Agents = agents });

    private static TimedSimulation Spread(TimedOptions options)
    {
        var simulation = new TimedSimulation(options);
        foreach (var agent in simulation.Agents) Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged, Long));
        return simulation;
    }

    private static void AssertNewEpoch(TimedSimulation simulation, SimulatedNode node, long lastSequence)
    {
        var agent = node.Agents[0];
        node.Start();
        simulation.Run(Long); // until it has heard who vouches for it, it is refused
        Write(agent);
        Assert.True(simulation.RunUntil(() => simulation.HasConverged && agent.Log.Any(run => run.Chain == new ChainId(agent.Id, 2) && run.Last == 2), Long));
        var first = agent.Node!.SegmentsOf(agent).First(segment => segment.Chain.Epoch == 2).Records[0];
        Assert.True(EventCatalogue.TryRead(first, out var body));
        var started = Assert.IsType<EpochStarted>(body);
        Assert.Equal((1, lastSequence), (started.PreviousEpoch, started.LastSequence));
        Assert.Empty(simulation.Violations);
    }

    private static void Write(SimulatedAgent agent) => agent.Append(EventCatalogue.Draft(new DiscoveryShared("note")));

    /// <summary>Founds and spawns as it should, then signs with a key that is not its own.</summary>
    private sealed class WrongSigner(ulong seed) : IAgentSigner
    {
        private readonly KeyedHashSigner _own = new(seed);

        public ReadOnlyMemory<byte> PublicKey => _own.PublicKey;

        public byte[] Sign(ReadOnlySpan<byte> content) => new KeyedHashSigner(seed + 1).Sign(content);
    }
}
