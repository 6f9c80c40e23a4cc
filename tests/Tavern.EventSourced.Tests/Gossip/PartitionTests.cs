using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class PartitionTests
{
    [Theory]
    [InlineData(3, 0)]
    [InlineData(8, 0)]
    [InlineData(8, 30)]
    [InlineData(32, 0)]
    [InlineData(32, 10)]
    public void Halves_that_work_on_while_cut_apart_converge_after_healing(int agents, int lossPercent)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var random = new SplitMix64(seed);
            var simulation = new LockStepSimulation(agents, seed);
            bool Delivers() => random.Below(100) >= lossPercent;
            simulation.Arrives = (from, to) => from.Number % 2 == to.Number % 2 && Delivers();
            for (var round = 0; round < 12; round++)
            {
                for (var writes = random.Below(agents); writes > 0; writes--) Write(simulation, random);
                simulation.Round();
            }

            Assert.False(simulation.HasConverged, $"seed {seed}: the halves were not apart");
            simulation.Arrives = (_, _) => Delivers();
            Assert.True(simulation.RunUntilConverged(roundsMax: lossPercent == 0 ? 15 : 40), $"seed {seed}: not converged after healing");
            foreach (var agent in simulation.Agents) AssertLinearExtension(simulation, agent, seed);
        }
    }

    /// <summary>Brute force: the causes of each event, as its segment and its chain name them, stand before it in the log.</summary>
    private static void AssertLinearExtension(LockStepSimulation simulation, SimulatedAgent agent, ulong seed)
    {
        var seen = new HashSet<EventId>();
        foreach (var id in agent.Events())
        {
            if (id.Sequence > 1) Assert.True(seen.Contains(id.Chain[id.Sequence - 1]), $"seed {seed}: {id} stands before its predecessor");
            Assert.True(simulation.Index.TryGetSegment(id, out var segment));
            if (segment.First == id.Sequence)
                foreach (var dependency in segment.Dependencies)
                    Assert.True(seen.Contains(dependency), $"seed {seed}: {id} stands before {dependency}, which it depends on");
            Assert.True(seen.Add(id), $"seed {seed}: {id} stands twice in a log");
        }
    }

    private static void Write(LockStepSimulation simulation, SplitMix64 random)
    {
        var writer = simulation.Agents[random.Below(simulation.Agents.Count)];
        simulation.Append(writer, EventCatalogue.Draft(new DiscoveryShared($"note {random.Below(1000)}")));
    }

    [Fact]
    public void A_segment_depends_on_exactly_what_its_writer_had_delivered()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var random = new SplitMix64(seed);
            var simulation = new LockStepSimulation(6, seed);
            for (var i = 0; i < 30; i++)
            {
                Write(simulation, random);
                simulation.Arrives = (_, _) => random.Below(3) > 0;
                if (random.Below(3) == 0) simulation.Round();
            }

            foreach (var agent in simulation.Agents)
            {
                var causality = new CausalIndex();
                var delivered = VectorClock.Empty;
                foreach (var id in agent.Events())
                {
                    simulation.Index.TryGetSegment(id, out var segment);
                    causality.Append(id, segment!.First == id.Sequence ? segment.Dependencies : []);
                    delivered = delivered.Advance(id.Chain, id.Sequence);
                    if (id.Agent == agent.Id && segment.First == id.Sequence)
                        Assert.True(causality.ClockAt(id).Equals(delivered), $"seed {seed}: {id} was written at {delivered} but says {causality.ClockAt(id)}");
                }
            }
        }
    }
}
