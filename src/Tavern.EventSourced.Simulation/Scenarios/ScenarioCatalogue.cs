using System.Collections.Immutable;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>All scenarios, in the order in which they are told.</summary>
public static class ScenarioCatalogue
{
    /// <summary>The scenarios.</summary>
    public static ImmutableArray<Scenario> All { get; } =
    [
        new("rounds", "One event in lock-step rounds without faults: few rounds, and its body reaches each agent once.", [16, 128, 1024], RoundsScenario.Play) { AgentsMax = 10_240 },
        new("load", "64 agents write 20 events each in lock-step rounds: all is delivered, hardly a body twice.", [128, 1024], LoadScenario.Play),
        new("loss", "1, 10, 30, 50 % of all messages are lost, some arrive twice or late: all is delivered.", [128, 1024], LossScenario.Play),
        new("idle", "All agree: an exchange takes at most 128 bytes, and no body is sent.", [10, 100, 1000], IdleScenario.Play),
        new("partition", "Cut in two, cut in one direction, flapping: all agree within 15 rounds after healing.", [3, 16, 64], PartitionScenario.Play),
        new("crash", "Nodes die before, at and after their commits: nothing acknowledged is lost, no sequence used twice.", [3, 8, 32], CrashScenario.Play),
    ];

    /// <summary>The scenario with this name; null when there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
