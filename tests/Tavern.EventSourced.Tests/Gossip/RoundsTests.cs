using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

public class RoundsTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(16, 4)]
    [InlineData(128, 6)]
    [InlineData(1024, 7)]
    public void News_reaches_everyone_in_few_rounds_and_each_payload_is_sent_once_per_agent(int agents, int roundsMax)
    {
        var worst = 0;
        for (ulong seed = 1; seed <= (agents > 500 ? 3UL : 20UL); seed++)
        {
            var simulation = new LockStepSimulation(agents, seed);
            simulation.Append(simulation.Agents[agents / 2], EventCatalogue.Draft(new StatusReported(AgentActivity.Done)));
            Assert.True(simulation.RunUntilConverged(roundsMax: 30), $"seed {seed}: not converged after 30 rounds");
            Assert.True(simulation.PayloadCopies == agents - 1, $"seed {seed}: {simulation.PayloadCopies} copies for {agents - 1} receivers");
            worst = Math.Max(worst, simulation.Rounds);
        }

        Assert.True(worst <= roundsMax, $"{worst} rounds at {agents} agents; expected at most {roundsMax}");
    }
}
