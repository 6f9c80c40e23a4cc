using System.Globalization;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Timed;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>One event makes a fold throw, one node is behind a very slow line, one has a full disk: nobody else notices.</summary>
internal static class PoisonScenario
{
    private const string Poison = "poison";
    private const double SlowerMax = 2; // of what the others need without all this

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5); // a call that runs out; those behind the others in line wait for it
    private static readonly TimeSpan Working = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Runs it twice, once without trouble, to compare what the others see.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var (calm, _) = Work(seed, agents, mutations, trouble: false);
        var (mean, run) = Work(seed, agents, mutations, trouble: true);
        run.Require(mean <= calm * SlowerMax + Margin.TotalSeconds, string.Create(CultureInfo.InvariantCulture, $"The others waited {mean:0.000} s for an event instead of {calm:0.000} s."));
        run.Figure("secondsMeanOfTheOthers", mean);
        run.Figure("secondsMeanWithoutTrouble", calm);
        run.Heal();
        run.Converge(Settling);
        foreach (var agent in run.Agents)
        {
            var (counted, poisoned) = Fold(agent);
            run.Require(poisoned == 1 && counted == run.Simulation.Checks.Published.Count - 1, $"{agent} folded {counted} events and skipped {poisoned}.");
        }

        return run.Report();
    }

    /// <summary>Mean time of an event to all but the two in trouble, in seconds.</summary>
    private static (double Mean, TimedRun Run) Work(ulong seed, int agents, EngineMutations mutations, bool trouble)
    {
        var run = new TimedRun("poison", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        var simulation = run.Simulation;
        var (slow, full) = (simulation.Nodes[^1], simulation.Nodes[^2]);
        simulation.Checks.WaitFor(run.Agents.Take(agents - 2));
        if (trouble)
        {
            foreach (var node in simulation.Nodes)
            {
                if (node == slow) continue;
                simulation.Network[node.Number, slow.Number] = simulation.Network[slow.Number, node.Number] =
                    new Link { Delay = TimeSpan.FromSeconds(1), Jitter = TimeSpan.FromSeconds(1), BytesPerSecond = 2000 };
            }

            full.Disk.IsFull = true;
        }

        run.Agents[0].Append(EventCatalogue.Draft(new DiscoveryShared(Poison)));
        for (var at = TimeSpan.Zero; at < Working; at += Working / 40) simulation.After(at, () => run.Write(run.Anyone(agents - 2)));
        simulation.Run(Working * 2);
        var complete = simulation.Checks.Published.Where(one => one.CompleteAt is not null).ToList();
        run.Require(complete.Count == simulation.Checks.Published.Count, $"Of {simulation.Checks.Published.Count} events only {complete.Count} reached the others.");
        return (complete.Average(one => (one.CompleteAt!.Value - one.At).TotalSeconds), run);
    }

    private static (int Counted, int Poisoned) Fold(SimulatedAgent agent)
    {
        var (causality, records) = (new CausalIndex(), new Dictionary<EventId, EventRecord>());
        var runner = new FoldRunner<int>(new Counting(), causality);
        foreach (var record in agent.Node!.SegmentsOf(agent).SelectMany(segment => segment.Records))
        {
            causality.Append(record.Id, []);
            records.Add(record.Id, record);
            runner.Add(record);
        }

        var result = runner.Read(id => records[id]);
        return (result.State, result.Poison.Count);
    }

    /// <summary>Counts what is not membership, and throws at the poison.</summary>
    private sealed class Counting : Fold<int>
    {
        public override string Name => "counting";

        public override int Version => 1;

        public override int Initial => 0;

        public override bool Wants(EventHeader header) => header.Type is not (nameof(TavernFounded) or nameof(AgentSpawned));

        public override int Apply(int state, EventRecord record, CausalPast past) =>
            EventCatalogue.TryRead(record, out var body) && body is DiscoveryShared { Text: Poison }
                ? throw new InvalidOperationException($"{record.Id} is poison.")
                : state + 1;
    }
}
