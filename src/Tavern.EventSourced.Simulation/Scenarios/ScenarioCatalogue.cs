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
        new("star", "The same work through a coordinator and through gossip, and what still arrives when the centre is dead.", [2, 5, 10, 20, 100, 1000], StarScenario.Play),
        new("loss", "1, 10, 30, 50 % of all messages are lost, some arrive twice or late: all is delivered.", [128, 1024], LossScenario.Play),
        new("idle", "All agree: an exchange takes at most 128 bytes, and no body is sent.", [10, 100, 1000], IdleScenario.Play),
        new("partition", "Cut in two, cut in one direction, flapping: all agree within 15 rounds after healing.", [3, 16, 64], PartitionScenario.Play),
        new("crash", "Nodes die before, at and after their commits: nothing acknowledged is lost, no sequence used twice.", [3, 8, 32], CrashScenario.Play),
        new("disk", "Disks are wiped, rolled back, copied: one, one that is cut off, all at once: what others have comes back, no sequence is used twice.", [3, 8, 16], DiskScenario.Play) { AgentsMin = 3 },
        new("forks", "One to three agents sign two lines, others build on both: one cut, one view, every fork exposed, later events reach all.", [4, 16, 64], ForksScenario.Play) { AgentsMin = 4 },
        new("causality", "Work through loss, parts and deaths: every log is a linear extension, every legal order gives the same view.", [3, 8, 32], CausalityScenario.Play),
        new("churn", "A tenth of the agents die, retire or join every minute, then all restart: no ghosts, nobody dead for ever.", [200, 1000], ChurnScenario.Play),
        new("busy", "All write all the time: full clocks are never sent, no chain waits three times as long as others.", [64], BusyScenario.Play),
        new("receipts", "Receipts joined over all logs are a tree per event; hops are the lengths of its ways.", [64, 256, 1024], ReceiptsScenario.Play),
        new("poison", "A fold that throws, a slow line, a full disk: the others are not affected.", [32], PoisonScenario.Play) { AgentsMin = 4 },
    ];

    /// <summary>The scenario with this name; null when there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
