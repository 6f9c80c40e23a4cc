using System.Globalization;
using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Tests.Simulation;

/// <summary>The bad days of the matrix, at sizes that take seconds. <c>TAVERN_SIM_SEEDS=100</c> plays each with that many seeds.</summary>
public class ScenarioTests
{
    [Theory]
    [InlineData("rounds", 2, 10)]
    [InlineData("rounds", 16, 20)]
    [InlineData("rounds", 128, 20)]
    [InlineData("load", 64, 1)]
    [InlineData("loss", 32, 1)]
    [InlineData("idle", 10, 2)]
    [InlineData("idle", 100, 1)]
    [InlineData("partition", 3, 5)]
    [InlineData("partition", 16, 2)]
    [InlineData("partition", 64, 1)]
    [InlineData("crash", 3, 10)]
    [InlineData("crash", 8, 3)]
    [InlineData("crash", 32, 1)]
    [InlineData("causality", 3, 6)]
    [InlineData("causality", 8, 4)]
    [InlineData("causality", 32, 1)]
    [InlineData("disk", 3, 4)]
    [InlineData("disk", 8, 2)]
    [InlineData("disk", 16, 1)]
    [InlineData("forks", 4, 3)]
    [InlineData("forks", 16, 2)]
    [InlineData("star", 2, 1)]
    [InlineData("star", 20, 1)]
    [InlineData("churn", 60, 1)]
    [InlineData("busy", 32, 1)]
    [InlineData("receipts", 64, 2)]
    [InlineData("poison", 32, 1)]
    public void What_a_scenario_promises_holds(string name, int agents, int seeds)
    {
        if (Environment.GetEnvironmentVariable("TAVERN_SIM_SEEDS") is { Length: > 0 } more) seeds = int.Parse(more, CultureInfo.InvariantCulture);
        for (var seed = 1UL; seed <= (ulong)seeds; seed++) AssertHeld(ScenarioCatalogue.Find(name)!.Run(seed, agents));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void News_reaches_1024_agents_in_seven_rounds_and_each_body_is_sent_once_per_agent(ulong seed)
    {
        var report = ScenarioCatalogue.Find("rounds")!.Run(seed, agents: 1024);
        AssertHeld(report);
        Assert.InRange(report.RoundsMax, 1, 7);
        Assert.Equal(1023, report.PayloadCopiesPerEvent);
        Assert.InRange(report.IdleBytesPerExchange, 1, 128);
    }

    [Fact]
    public void A_number_of_agents_that_a_scenario_cannot_be_played_with_is_refused()
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => ScenarioCatalogue.Find("poison")!.Run(1, 3));
        Assert.Contains("4 to 1024 agents", refusal.Message, StringComparison.Ordinal);
    }

    internal static void AssertHeld(RunReport report) => Assert.True(
        report.Held,
        $"tavern simulate --scenario {report.Scenario} --agents {report.Agents} --seed {report.Seed}\n{string.Join('\n', report.Violations)}\n{string.Join('\n', report.Trace.TakeLast(40))}");
}
