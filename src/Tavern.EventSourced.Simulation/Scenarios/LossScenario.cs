using System.Globalization;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>1, 10, 30 and 50 % of all messages are lost, some arrive twice, many overtake each other: all is delivered nevertheless.</summary>
internal static class LossScenario
{
    private const int LockStepAgentsMax = 1024; // in all taverns of one run together: some seconds
    private const int TavernsMax = 16;

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);

    /// <summary>Loss per 1000 and the rounds that it may add, 0 for no limit.</summary>
    private static readonly (int PerMille, int RoundsMore)[] Levels = [(10, 1), (100, 1), (300, 3), (500, 0)];

    /// <summary>Runs it, with all levels one after the other in one tavern.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("loss", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        foreach (var (perMille, _) in Levels)
        {
            run.Simulation.Network.Usual = new Link { LossPerMille = perMille, DuplicatesPerMille = 50, Jitter = TimeSpan.FromMilliseconds(100) };
            run.Work(Working, apart: TimeSpan.FromSeconds(2));
            run.Simulation.Run(Working);
            var took = run.Converge(Settling);
            run.Require(run.Simulation.HasConverged, string.Create(CultureInfo.InvariantCulture, $"Not all was delivered within {Settling.TotalSeconds} s with {perMille / 10} % lost."));
            run.Figure($"secondsToConvergeAt{perMille / 10}Percent", took.TotalSeconds);
        }

        run.Heal();
        run.Converge(Settling);
        CountRounds(run, seed, agents);
        return run.Report();
    }

    /// <summary>In lock-step, where an exchange is lost as a whole: rounds that an event takes, on average over some taverns.</summary>
    private static void CountRounds(TimedRun run, ulong seed, int agents)
    {
        var taverns = Math.Clamp(LockStepAgentsMax / agents, 1, TavernsMax);
        var without = Mean(0);
        foreach (var (perMille, more) in Levels)
        {
            var with = Mean(perMille);
            run.Require(with is not null && (more == 0 || with <= without + more), string.Create(CultureInfo.InvariantCulture, $"With {perMille / 10} % of exchanges lost an event took {with:0.0} rounds instead of {without:0.0}; at most {more} more are allowed."));
            run.Figure($"roundsAt{perMille / 10}Percent", with ?? 0);
        }

        double? Mean(int perMille) => Enumerable.Range(0, taverns).Select(tavern => (double?)RoundsScenario.RoundsWithLoss(seed + ((ulong)tavern << 32), agents, perMille)).Aggregate((a, b) => a + b) / taverns;
    }
}
