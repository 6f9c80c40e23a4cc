using Tavern.EventSourced.Simulation.Scenarios;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Tests.Simulation;

public class CrashPointTests
{
    [Theory]
    [InlineData(CommitDeath.BeforeItIsDurable)]
    [InlineData(CommitDeath.BeforeItIsKnown)]
    public void A_death_at_any_commit_of_any_node_loses_nothing_acknowledged(CommitDeath death)
    {
        const int Agents = 3;
        var deaths = 0;
        for (var node = 0; node < Agents; node++)
        {
            for (var commit = 2; CrashScenario.PlayDeath(seed: 5, Agents, node, commit, death) is { } report; commit++, deaths++) // 1 is the founding
                Assert.True(report.Held, $"node {node} died at its commit {commit}: {string.Join('\n', report.Violations)}\n{string.Join('\n', report.Trace.TakeLast(40))}");
        }

        Assert.True(deaths > 60, $"only {deaths} deaths were tried");
    }
}
