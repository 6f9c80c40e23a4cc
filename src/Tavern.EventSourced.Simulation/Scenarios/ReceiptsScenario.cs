using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>The receipts of all agents joined tell each event's way: a tree from its writer with one edge per agent, and the hop that each log
/// states is the length of the way.</summary>
internal static class ReceiptsScenario
{
    private const int EventsMax = 40; // per run; each is looked up in every log

    private static readonly TimeSpan Working = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("receipts", new TimedOptions { Agents = agents, Mutations = mutations, AgentsPerNode = 1 + (int)(seed % 2), Seed = seed });
        run.Simulation.Network.Usual = new Link { LossPerMille = 100, DuplicatesPerMille = 50, Jitter = TimeSpan.FromMilliseconds(100) };
        run.Work(Working, apart: Working / EventsMax);
        run.Simulation.Run(Working);
        run.Heal();
        run.Converge(Settling);
        var deepest = 0;
        foreach (var published in run.Simulation.Checks.Published.Take(EventsMax))
        {
            var tree = SpreadTree.Of(published.Id, run.Agents.Select(agent => ReportOf(agent, published.Id)));
            run.Require(tree.Complete, $"The receipts of {published.Id} do not make one tree.");
            run.Require(tree.Edges.Count() == agents - 1, $"{published.Id} has {tree.Edges.Count()} edges for {agents} agents.");
            run.Require(tree.Nodes.All(node => node.Hop == node.Depth), $"A log states another hop for {published.Id} than its way has.");
            deepest = Math.Max(deepest, tree.Nodes.Max(node => node.Depth));
        }

        run.Figure("hopsMax", deepest);
        return run.Report();
    }

    private static DeliveryReport ReportOf(SimulatedAgent agent, EventId id) =>
        agent.Log.FirstOrDefault(run => run.Chain == id.Chain && run.First <= id.Sequence && id.Sequence <= run.Last) is { } run
            ? new DeliveryReport(agent.Id, new AskAnswer.Delivered(run, agent.Receipts.FirstOrDefault(receipt => receipt.Number == run.Receipt), Founding.At))
            : new DeliveryReport(agent.Id, new AskAnswer.NotDelivered(0));
}
