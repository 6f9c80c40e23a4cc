using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Checks;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Work through loss, parts and deaths: every log is a linear extension of happens-before at every moment, and all agents make the
/// same of the same events, in whatever legal order they came.</summary>
internal static class CausalityScenario
{
    private const int Shuffles = 20;

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("causality", new TimedOptions { Agents = agents, Mutations = mutations, AgentsPerNode = 1 + (int)(seed % 2), Seed = seed });
        var (simulation, nodes) = (run.Simulation, run.Simulation.Nodes.Count);
        simulation.Network.Usual = new Link { LossPerMille = 100, DuplicatesPerMille = 100, Jitter = TimeSpan.FromMilliseconds(200) };
        simulation.Network.Cut(nodes, (from, to) => from % 2 != to % 2);
        run.Work(Working, apart: TimeSpan.FromMilliseconds(250));
        simulation.After(Working / 4, simulation.Network.Heal);
        simulation.After(Working / 2, () =>
        {
            foreach (var node in simulation.Nodes.Where(node => node.Number % 3 == 0))
            {
                node.Crash();
                simulation.After(TimeSpan.FromSeconds(2), node.Start);
            }
        });
        simulation.Run(Working);
        run.Heal();
        run.Converge(Settling);
        CompareViews(run);
        return run.Report();
    }

    /// <summary>All honest agents see the same, and so does a fold over any legal order of one's log.</summary>
    public static void CompareViews(TimedRun run)
    {
        var honest = run.Agents.Where(agent => agent is { IsGone: false, IsLiar: false }).ToList();
        var view = LogViews.Of(honest[0]);
        foreach (var agent in honest.Skip(1)) run.Require(LogViews.Of(agent) == view, $"{agent} has another view than {honest[0]} over the same events.");
        for (var shuffle = 0; shuffle < Shuffles; shuffle++)
            run.Require(LogViews.OfShuffled(honest[0], run.Random) == view, $"Another legal order of the same events gives another view (shuffle {shuffle}).");
    }
}
