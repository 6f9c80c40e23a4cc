using System.Globalization;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Everybody writes all the time, some ten times as much as others: full clocks are never sent, and no chain waits long for the sake of
/// others.</summary>
internal static class BusyScenario
{
    private const double WaitMax = 3; // of the mean over all chains
    private const int ChattyOneIn = 8;

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ChattyPace = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("busy", new Timed.TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        foreach (var agent in run.Agents)
        {
            var pace = agent.Number % ChattyOneIn == 0 ? ChattyPace : Pace;
            for (var at = pace * run.Random.NextUnit(); at < Working; at += pace * (0.5 + run.Random.NextUnit())) run.Simulation.After(at, () => run.Write(agent));
        }

        run.Simulation.Run(Working);
        var pages = run.Simulation.Traffic.ClockPages;
        run.Require(pages == 0, $"Full clocks were sent {pages} times while all wrote.");
        run.Converge(Settling);
        var waits = run.Simulation.Checks.Published
            .Where(one => one.CompleteAt is not null)
            .GroupBy(one => one.Id.Agent)
            .Select(chain => (Agent: chain.Key, Mean: chain.Average(one => (one.CompleteAt!.Value - one.At).TotalSeconds)))
            .ToList();
        var mean = waits.Average(chain => chain.Mean);
        var (slowest, longest) = waits.MaxBy(chain => chain.Mean);
        run.Require(longest <= WaitMax * mean, string.Create(CultureInfo.InvariantCulture, $"Events of {slowest} took {longest:0.000} s to all, more than {WaitMax} times the mean of {mean:0.000} s."));
        run.Figure("secondsMeanOfAllChains", mean);
        run.Figure("secondsMeanOfSlowestChain", longest);
        return run.Report();
    }
}
