using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Every minute a tenth of the agents die and come back, are retired, or join; then all restart at once. Nobody keeps calling who is
/// gone, nobody who is there is taken for gone.</summary>
internal static class ChurnScenario
{
    private const int Minutes = 2;
    private const int ChangedPerMinute = 10; // one agent in this many

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("churn", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        var simulation = run.Simulation;
        simulation.Checks.WaitFor([]); // agents come and go: there is no "all" to wait for before the end
        run.Work(Minute * Minutes, apart: TimeSpan.FromSeconds(5));
        var changes = agents * Minutes / ChangedPerMinute;
        for (var change = 0; change < changes; change++) simulation.After(Minute * Minutes * change / changes, () => Change(run));
        simulation.Run(Minute * Minutes);
        foreach (var node in simulation.Nodes)
        {
            node.Crash();
            simulation.After(TimeSpan.FromSeconds(run.Random.NextUnit()), () => ComeBack(node));
        }

        simulation.Run(TimeSpan.FromSeconds(2));
        run.Heal();
        run.Figure("secondsToAgreeAfterMassRestart", run.Converge(Settling).TotalSeconds);
        LookForGhosts(run);
        return run.Report();
    }

    /// <summary>Somebody other than the root dies and comes back, or is retired; or somebody joins.</summary>
    private static void Change(TimedRun run)
    {
        var agent = run.Agents[1 + run.Random.Below(run.Agents.Count - 1)];
        switch (run.Random.Below(5))
        {
            case 0:
                run.Simulation.Join(run.Agents[0]);
                break;
            case 1 when agent is { IsGone: false, Node.State: NodeState.Running }:
                Retire(run, agent);
                break;
            default:
                agent.Node!.Crash();
                run.Simulation.After(Minute * run.Random.NextUnit(), () => ComeBack(agent.Node));
                break;
        }
    }

    private static void Retire(TimedRun run, SimulatedAgent agent)
    {
        var chain = new ChainId(agent.Id, 1);
        var head = agent.Node!.Index.HeadOf(chain);
        agent.Node.Index.TryGetHash(chain[head], out var hash);
        run.Agents[0].Append(EventCatalogue.Draft(new AgentRetired(agent.Id, head, hash, "no longer needed")));
        agent.IsGone = true;
        agent.Node.Crash();
    }

    private static void ComeBack(SimulatedNode node)
    {
        if (!node.Agents[0].IsGone) node.Start();
    }

    private static void LookForGhosts(TimedRun run)
    {
        var simulation = run.Simulation;
        simulation.Run(Settling); // calls under way end, and whoever was taken for dead is tried again
        var before = run.Agents.Select(agent => CallsTo(run, agent)).ToList();
        simulation.Run(Minute * 2);
        foreach (var agent in run.Agents)
        {
            var calls = CallsTo(run, agent) - before[agent.Number];
            if (agent.IsGone) run.Require(calls == 0, $"{agent} was called {calls} times in two minutes although it was retired.");
            else run.Require(calls > 0, $"{agent} was not called by anybody for two minutes although it is there.");
        }
    }

    private static long CallsTo(TimedRun run, SimulatedAgent agent) => agent.Number < run.Simulation.Traffic.CallsTo.Count ? run.Simulation.Traffic.CallsTo[agent.Number] : 0;
}
