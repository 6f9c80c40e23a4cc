using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>One to three agents run twice, with one key, and sign two lines; others build on either. All honest agents come to hold the same, see
/// the same, expose every fork, and hear each other's later events.</summary>
internal static class ForksScenario
{
    private const int LiarsMax = 3;

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("forks", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        var liars = 1 + (int)(seed % (ulong)Math.Min(LiarsMax, agents / 3));
        run.Simulation.Checks.WaitFor(run.Agents.SkipLast(liars).ToList());
        run.Work(Working, apart: TimeSpan.FromMilliseconds(500));
        run.Simulation.Run(Working);
        foreach (var liar in run.Agents.TakeLast(liars).ToList())
        {
            var copy = run.Simulation.Clone(liar.Node!).Agents[0];
            foreach (var one in new[] { liar, copy }) run.Write(one); // at once, before they hear of each other
        }

        run.Work(Working, apart: TimeSpan.FromMilliseconds(500));
        run.Simulation.Run(Working);
        run.Heal();
        run.Converge(Settling);
        foreach (var agent in Honest(run)) run.Write(agent);
        run.Converge(Settling);
        foreach (var agent in Honest(run))
        {
            var exposed = ExposedBy(agent).Count();
            run.Require(exposed == liars, $"{agent} holds proof against {exposed} of {liars} agents that signed two lines.");
        }

        CausalityScenario.CompareViews(run);
        run.Figure("liars", liars);
        return run.Report();
    }

    /// <summary>The agents against which an agent's log holds proof that they signed two lines.</summary>
    public static IEnumerable<AgentId> ExposedBy(SimulatedAgent agent) => agent.Node!.SegmentsOf(agent).SelectMany(segment => segment.Records)
        .Select(record => EventCatalogue.TryRead(record, out var body) && body is ForkDetected fork ? fork.Agent : default)
        .Where(id => id != default).Distinct();

    private static List<SimulatedAgent> Honest(TimedRun run) => [.. run.Agents.Where(agent => !agent.IsLiar)];
}
