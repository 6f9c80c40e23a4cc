using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>`told`, `who-knows` and `why` over the logs and receipts that the real engine writes, against the logs themselves.</summary>
public class SimulatedProvenanceTests
{
    private const int Seeds = 30;

    [Fact]
    public void Told_draws_a_tree_from_the_writer_whose_edges_are_the_receipts_and_whose_depths_are_the_hops()
    {
        ForEach(converge: true, (seed, simulation, events) =>
        {
            foreach (var id in events)
            {
                var tree = SpreadTree.Of(id, simulation.Agents.Select(agent => DeliveryOf(simulation, agent, id)));
                var writer = simulation.Agents.Single(agent => agent.Id == id.Agent);
                Assert.True(tree.Complete, $"seed {seed}: {id} is not complete: {string.Join("; ", tree.Nodes)}");
                Assert.True(tree.Nodes[0].Agent == writer.Id && tree.Nodes[0].Depth == 0, $"seed {seed}: {id} is not rooted at its writer");
                Assert.True(tree.Edges.Count() == simulation.Agents.Count - 1, $"seed {seed}: {id} has {tree.Edges.Count()} edges for {simulation.Agents.Count} agents");
                Assert.True(tree.Nodes.All(node => node.Hop == node.Depth), $"seed {seed}: {id} has hops that are not depths: {string.Join("; ", tree.Nodes)}");
                var receipts = simulation.Agents.Where(agent => agent != writer).Select(agent => (From: ReceiptOf(agent, RunOf(agent, id)!)!.Peer, To: agent.Id));
                Assert.True(receipts.Order().SequenceEqual(tree.Edges.Order()), $"seed {seed}: the edges of {id} are not the receipts");
            }
        });
    }

    [Fact]
    public void Who_knows_counts_exactly_the_logs_that_hold_it_at_every_moment_of_its_spread()
    {
        ForEach(converge: false, (seed, simulation, events) =>
        {
            for (var round = 0; round < 4; round++, simulation.Round())
            {
                foreach (var id in events)
                {
                    var heard = Heard.Of(id, simulation.Agents.Select(agent => new ClockReport(agent.Id, simulation.Status(agent).Clock, true)));
                    var holders = simulation.Agents.Where(agent => agent.Events().Contains(id)).Select(agent => agent.Id).Order();
                    Assert.True(heard.Exact && heard.Holders.SequenceEqual(holders), $"seed {seed}, round {round}: who-knows {id}");
                }
            }
        });
    }

    [Fact]
    public void Why_names_exactly_what_the_observers_log_lacks_and_whose_logs_have_it()
    {
        var unheard = 0;
        ForEach(converge: false, (seed, simulation, _) =>
        {
            for (var round = 0; round < 4; round++, simulation.Round())
                foreach (var observer in simulation.Agents)
                    foreach (var subject in simulation.Agents)
                    {
                        var why = Explain(simulation, observer, subject);
                        var (own, seen) = (Latest(subject, subject.Id), Latest(observer, subject.Id));
                        if (own is null || own == seen)
                        {
                            Assert.True(why.Verdict.Name == (own is null ? "never-said" : "agree"), $"seed {seed}, round {round}: {why.Verdict}");
                            continue;
                        }

                        unheard++;
                        var gap = Assert.IsType<Verdict.NotHeard>(why.Verdict);
                        Assert.True(gap.Deciding == own && gap.Behind == observer.Id, $"seed {seed}, round {round}: {gap}");
                        Assert.True(gap.Missing == new EventRange(own.Value.Chain, (seen?.Sequence ?? 0) + 1, own.Value.Sequence), $"seed {seed}, round {round}: {gap}");
                        Assert.True(gap.Holders.SequenceEqual(simulation.Agents.Where(agent => agent.Events().Contains(own.Value)).Select(agent => agent.Id).Order()), $"seed {seed}, round {round}: {gap}");
                    }
        });
        Assert.True(unheard > 300, $"only {unheard} differences were looked at");
    }

    private static void ForEach(bool converge, Action<ulong, LockStepSimulation, IReadOnlyList<EventId>> check)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var random = new SplitMix64(seed);
            var simulation = new LockStepSimulation(3 + random.Below(6), seed);
            var events = new List<EventId>();
            for (var write = 0; write < 12; write++)
            {
                if (random.Below(3) == 0) simulation.Round();
                var writer = simulation.Agents[1 + random.Below(simulation.Agents.Count - 1)]; // the root's chain founds the tavern
                simulation.Append(writer, EventCatalogue.Draft(new StatusReported(AgentActivity.Working, $"{write}")));
                events.Add(Latest(writer, writer.Id)!.Value);
            }

            Assert.True(!converge || simulation.RunUntilConverged(roundsMax: 40), $"seed {seed}: not converged");
            check(seed, simulation, events);
        }
    }

    private static DeliveryReport DeliveryOf(LockStepSimulation simulation, SimulatedAgent agent, EventId id)
    {
        if (RunOf(agent, id) is not { } run) return new DeliveryReport(agent.Id, new AskAnswer.NotDelivered(simulation.Status(agent).Clock[id.Chain]));
        return new DeliveryReport(agent.Id, new AskAnswer.Delivered(run, ReceiptOf(agent, run), DateTimeOffset.UnixEpoch));
    }

    private static Run? RunOf(SimulatedAgent agent, EventId id) => agent.Log.SingleOrDefault(run => run.Chain == id.Chain && run.First <= id.Sequence && id.Sequence <= run.Last);

    private static Receipt? ReceiptOf(SimulatedAgent agent, Run run) => agent.Receipts.SingleOrDefault(receipt => receipt.Number == run.Receipt);

    /// <summary>A trivial belief: the last that a log holds of an agent is what it does.</summary>
    private static EventId? Latest(SimulatedAgent holder, AgentId subject)
    {
        var last = holder.Log.Where(run => run.Chain.Agent == subject).Select(run => run.Last).DefaultIfEmpty().Max();
        return last == 0 ? null : new EventId(subject, 1, last);
    }

    private static Explanation Explain(LockStepSimulation simulation, SimulatedAgent observer, SimulatedAgent subject)
    {
        var asker = simulation.Agents[0];
        return Why.Explain(new WhyCase
        {
            Observer = observer.Id,
            Subject = subject.Id,
            Now = DateTimeOffset.UnixEpoch,
            ObserverAccount = AccountOf(observer),
            SubjectAccount = AccountOf(subject),
            LowerBound = new LowerBound(asker.Id, simulation.Status(asker).Clock, BeliefOf(asker), null),
            Clocks = [.. simulation.Agents.Select(agent => new ClockReport(agent.Id, simulation.Status(agent).Clock, true))],
        });

        BeliefAccount AccountOf(SimulatedAgent agent) => new(simulation.Status(agent).Clock, simulation.Status(agent).LogLength, BeliefOf(agent));

        FieldBelief? BeliefOf(SimulatedAgent agent) =>
            Latest(agent, subject.Id) is { } id ? new FieldBelief("state", id.ToString(), id, "state/reported", false, [id]) : null;
    }
}
