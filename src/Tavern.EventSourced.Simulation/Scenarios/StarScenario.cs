using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Star;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>The same work through a coordinator and through gossip: what the busiest has to do, what it costs in all, how long news takes, and
/// what still arrives when agent 0, who is the centre of the one and nobody special in the other, is dead.</summary>
internal static class StarScenario
{
    private const int Writes = 40; // while all is well, and half as many after the death

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);

    /// <summary>Runs both.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("star", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        var star = new Coordinator(agents, seed);
        for (var write = 0; write < Writes; write++)
        {
            var (at, writer) = (Working * write / Writes, run.Random.Below(agents));
            run.Simulation.After(at, () => run.Write(run.Agents[writer]));
            star.WriteAfter(at, writer);
        }

        run.Simulation.Run(Working + Settling);
        star.Run(Working + Settling);
        Measure(run, "gossip", run.Simulation.Traffic.Loads, [.. run.Simulation.Checks.Published.Select(one => one.CompleteAt - one.At)]);
        Measure(run, "star", star.Loads, [.. star.Events.Select(one => one.CompleteAt - one.At)]);
        if (agents > 2) LoseTheFirst(run, star, agents);
        run.Converge(Settling);
        return run.Report();
    }

    private static void Measure(TimedRun run, string way, IEnumerable<Load> loads, List<TimeSpan?> times)
    {
        var all = loads.ToList();
        run.Require(times.Count == Writes && times.TrueForAll(time => time is not null), $"By {way} not every event reached everybody.");
        run.Figure(way + "BusiestMessages", all.Max(load => load.Messages));
        run.Figure(way + "BusiestBytes", all.Max(load => load.Bytes));
        run.Figure(way + "TotalBytes", all.Sum(load => load.Bytes) / 2); // each was counted where it left and where it arrived
        run.Figure(way + "SecondsMean", times.Average(time => time?.TotalSeconds ?? 0));
        run.Figure(way + "SecondsMax", times.Max(time => time?.TotalSeconds ?? 0));
    }

    /// <summary>Agent 0 dies for good; the others write on. How much of that do others than its writer hear of?</summary>
    private static void LoseTheFirst(TimedRun run, Coordinator star, int agents)
    {
        star.IsDead = true;
        run.Agents[0].IsGone = true;
        run.Simulation.Nodes[0].Crash();
        var before = run.Simulation.Checks.Published.Count;
        for (var write = 0; write < Writes / 2; write++)
        {
            var (at, writer) = (Working * write / Writes, 1 + run.Random.Below(agents - 1));
            run.Simulation.After(at, () => run.Write(run.Agents[writer]));
            star.WriteAfter(at, writer);
        }

        run.Simulation.Run(Working + Settling);
        star.Run(Working + Settling);
        var pairs = Writes / 2 * (agents - 2.0);
        var heard = run.Simulation.Checks.Published.Skip(before).Sum(one => run.Agents.Skip(1).Count(agent => agent.Contents.Contains(one.Tag)) - 1);
        run.Figure("gossipHeardAfterDeathPercent", 100 * heard / pairs);
        run.Figure("starHeardAfterDeathPercent", 100 * star.Events.Skip(Writes).Sum(one => Math.Max(0, one.Holders - 2)) / pairs);
        run.Require(heard == (int)pairs, "After the death of one agent the others did not hear of everything.");
    }
}
