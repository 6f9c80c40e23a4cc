using System.Globalization;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>The tavern falls into parts that work on alone: cut in two, cut in one direction only, flapping. Each time all come to agree soon
/// after it is whole again.</summary>
internal static class PartitionScenario
{
    private const int RoundsMax = 15; // after healing; a round is due every second

    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Flap = TimeSpan.FromSeconds(2);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("partition", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        var network = run.Simulation.Network;
        Suffer(run, "halves", () => network.Cut(agents, (from, to) => from % 2 != to % 2));
        Suffer(run, "oneWay", () => network.Cut(agents, (from, to) => from % 2 == 0 && to % 2 != 0));
        Suffer(run, "flapping", () => FlapFor(run, Apart));
        return run.Report();
    }

    private static void Suffer(TimedRun run, string kind, Action cut)
    {
        run.Work(Apart, apart: TimeSpan.FromMilliseconds(500));
        cut();
        run.Simulation.Run(Apart);
        run.Heal();
        var rounds = run.Converge(TimeSpan.FromSeconds(4 * RoundsMax)).TotalSeconds;
        run.Require(rounds <= RoundsMax, string.Create(CultureInfo.InvariantCulture, $"After {kind} were healed it took {rounds:0.0} rounds to agree; at most {RoundsMax} are allowed."));
        run.Figure($"roundsAfter{char.ToUpperInvariant(kind[0])}{kind[1..]}", rounds);
    }

    /// <summary>Every two seconds other links are cut, a third of them.</summary>
    private static void FlapFor(TimedRun run, TimeSpan duration)
    {
        for (var at = TimeSpan.Zero; at < duration; at += Flap)
            run.Simulation.After(at, () => run.Simulation.Network.Cut(run.Simulation.Nodes.Count, (_, _) => run.Random.Below(3) == 0));
    }
}
