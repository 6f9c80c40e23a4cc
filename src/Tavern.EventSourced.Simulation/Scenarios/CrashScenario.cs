using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Nodes die at their commits, before the disk has them and after, and at any other moment, and come back from what the disk has:
/// nothing that was acknowledged is lost, no sequence is used twice.</summary>
internal static class CrashScenario
{
    private const int DeathOneIn = 8; // commits: a node of a working tavern dies every few seconds

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = Begin(seed, agents, mutations);
        var deaths = 0;
        run.Simulation.DeathAt = (node, _) =>
        {
            if (run.Random.Below(DeathOneIn) != 0) return null;
            deaths++;
            ComeBack(run, node);
            return (CommitDeath)run.Random.Below(2);
        };
        for (var at = TimeSpan.FromSeconds(1); at < Working; at += TimeSpan.FromSeconds(2))
        {
            run.Simulation.After(at, () =>
            {
                var node = run.Anyone().Node!;
                node.Crash();
                ComeBack(run, node);
            });
        }

        End(run);
        run.Figure("deathsAtCommits", deaths);
        return run.Report();
    }

    /// <summary>One node dies at one of its commits; returns the report, and null when the run has fewer commits of that node.</summary>
    public static RunReport? PlayDeath(ulong seed, int agents, int node, int commit, CommitDeath death)
    {
        var run = Begin(seed, agents, EngineMutations.None);
        var died = false;
        run.Simulation.DeathAt = (dying, number) =>
        {
            if (died || dying.Number != node || number != commit) return null;
            died = true;
            ComeBack(run, dying);
            return death;
        };
        End(run);
        return died ? run.Report() : null;
    }

    private static TimedRun Begin(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("crash", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        run.Work(Working, apart: TimeSpan.FromSeconds(1));
        return run;
    }

    private static void End(TimedRun run)
    {
        run.Simulation.Run(Working);
        run.Heal();
        run.Converge(Settling);
    }

    private static void ComeBack(TimedRun run, SimulatedNode node) => run.Simulation.After(TimeSpan.FromSeconds(3 * run.Random.NextUnit()), node.Start);
}
