using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class NodeShareTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Sibling = new(2);
    private static readonly KeyedHashSigner Far = new(3);
    private static readonly ImmutableArray<Segment> Membership = LoneEngine.Found(Root, Sibling, Far);

    [Theory]
    [InlineData(5, 20)]
    [InlineData(2, 8)]
    [InlineData(1, 16)]
    [InlineData(16, 1)]
    public void Every_agent_gets_an_event_once_and_every_node_fetches_it_once(int nodes, int agentsPerNode)
    {
        var agents = nodes * agentsPerNode;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var simulation = new LockStepSimulation(agents, seed, agentsPerNode: agentsPerNode);
            simulation.Append(simulation.Agents[agents / 2], EventCatalogue.Draft(new StatusReported(AgentActivity.Done)));
            Assert.True(simulation.RunUntilConverged(roundsMax: 30), $"seed {seed}: not converged after 30 rounds");
            Assert.True(simulation.PayloadCopies == agents - 1, $"seed {seed}: {simulation.PayloadCopies} agent edges for {agents - 1} receivers");
            Assert.True(simulation.NetworkCopies == nodes - 1, $"seed {seed}: {simulation.NetworkCopies} network copies for {nodes - 1} other nodes");
            var modes = simulation.Agents.SelectMany(agent => agent.Receipts).GroupBy(receipt => receipt.Mode).ToDictionary(group => group.Key, group => group.Count());
            Assert.Equal(nodes - 1, modes.GetValueOrDefault(DeliveryMode.Network));
            Assert.Equal(agents - nodes, modes.GetValueOrDefault(DeliveryMode.Local));
        }
    }

    [Fact]
    public void All_writing_at_once_and_losing_messages_agents_of_nodes_converge()
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SplitMix64(seed);
            var simulation = new LockStepSimulation(24, seed, agentsPerNode: 6) { Arrives = (_, _) => random.Below(100) >= 20 };
            for (var round = 0; round < 6; round++)
            {
                foreach (var agent in simulation.Agents) simulation.Append(agent, EventCatalogue.Draft(new DiscoveryShared($"note {round}")));
                simulation.Round();
            }

            Assert.True(simulation.RunUntilConverged(roundsMax: 60), $"seed {seed}: not converged");
        }
    }

    [Fact]
    public void What_a_sibling_has_or_asked_for_is_not_asked_of_the_network_unless_it_is_paused()
    {
        var (node, index) = (new NodeShare(), new SegmentIndex());
        var asked = new LoneEngine(Membership, Root, [Sibling.Agent, Far.Agent], node: node, index: index);
        var sibling = new LoneEngine(Membership, Sibling, [Root.Agent, Far.Agent], seed: 2, node: node, index: index);
        var claim = new ClockClaim(new ChainId(Far.Agent, 1), 1, 12345);

        Assert.Single(Wants(asked, 1));
        Assert.Empty(Wants(sibling, 1)); // the other one asked
        asked.Step(new GossipInput.Pause([]));
        Assert.Single(Wants(sibling, 2)); // it will not tell

        ImmutableArray<Want> Wants(LoneEngine engine, ulong exchange) =>
            ((GossipMessage.SynAck)engine.Called(Far.Agent, new GossipMessage.Syn(exchange, 1, 7, [claim]))).Wants;
    }

    [Fact]
    public void What_a_sibling_has_is_fetched_from_it_next()
    {
        var (node, index) = (new NodeShare(), new SegmentIndex());
        var writer = new LoneEngine(Membership, Root, [Sibling.Agent, Far.Agent], node: node, index: index);
        writer.Append(LoneEngine.Note("news"));
        writer.Commit();
        var claim = new ClockClaim(new ChainId(Root.Agent, 1), Membership[^1].Last + 1, 12345);
        for (ulong seed = 2; seed <= 30; seed++)
        {
            var hearer = new LoneEngine(Membership, Sibling, [Root.Agent, Far.Agent], seed: seed, node: node, index: index);
            Assert.Empty(((GossipMessage.SynAck)hearer.Called(Far.Agent, new GossipMessage.Syn(1, 1, 7, [claim]))).Wants);
            Assert.True(hearer.Round()[0].To == Root.Agent, $"seed {seed}: it called another first");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(400)]
    public void Rounds_of_a_node_are_bounded_and_its_agents_take_turns(int perSecond)
    {
        const int Agents = 20;
        var turns = new RoundTurns(perSecond);
        var due = new PriorityQueue<int, (TimeSpan At, int Agent)>();
        for (var agent = 0; agent < Agents; agent++) due.Enqueue(agent, (TimeSpan.Zero, agent));
        var started = new int[Agents];
        var waiting = new bool[Agents];
        var length = TimeSpan.FromSeconds(60);
        while (due.TryDequeue(out var agent, out var when) && when.At < length)
        {
            if (!waiting[agent] && turns.Take(when.At) is var turn && turn > when.At)
            {
                waiting[agent] = true;
                due.Enqueue(agent, (turn, agent));
                continue;
            }

            waiting[agent] = false;
            started[agent]++;
            due.Enqueue(agent, (when.At + TimeSpan.FromMilliseconds(1), agent)); // each wants the next at once
        }

        Assert.True(started.Sum() <= 60.25 * perSecond + 1, $"{started.Sum()} rounds in 60 s at {perSecond} per second");
        Assert.True(started.Sum() >= 59 * perSecond - Agents, $"{started.Sum()} rounds in 60 s at {perSecond} per second");
        Assert.True(started.Max() - started.Min() <= 1 + perSecond / 4, $"from {started.Min()} to {started.Max()} rounds per agent");
    }

    [Fact]
    public void An_engine_whose_turn_has_not_come_waits_for_it()
    {
        var (node, index) = (new NodeShare(roundsPerSecondMax: 1), new SegmentIndex());
        var first = new LoneEngine(Membership, Root, [Far.Agent], node: node, index: index);
        var second = new LoneEngine(Membership, Sibling, [Far.Agent], seed: 2, node: node, index: index);
        Assert.Single(first.Step(new GossipInput.Tick()).OfType<GossipEffect.Call>());
        var effects = second.Step(new GossipInput.Tick());
        Assert.Empty(effects.OfType<GossipEffect.Call>());
        var wake = Assert.Single(effects.OfType<GossipEffect.WakeAt>());
        Assert.Equal(TimeSpan.FromSeconds(0.75), wake.Elapsed - second.Elapsed);
        second.Elapsed = wake.Elapsed;
        Assert.Single(second.Step(new GossipInput.Tick()).OfType<GossipEffect.Call>());
    }
}
