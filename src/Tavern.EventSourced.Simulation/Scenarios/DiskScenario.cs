using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Disks are wiped and rolled back, one among others, one that can reach nobody, all at once; and a machine is copied. No sequence is
/// ever used twice, what anybody has comes back, a new epoch begins, and the copies are exposed on all.</summary>
internal static class DiskScenario
{
    private static readonly TimeSpan Working = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Waiting = TimeSpan.FromSeconds(20); // more than an agent waits for answers and for what it lost
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("disk", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        run.Simulation.Checks.WaitFor([]); // some events are lost with the only disk that had them
        var begun = 0;
        foreach (var (loss, company) in Days)
        {
            if (run.Simulation.Violations.Count > 0) break; // the first explains
            begun += Play(run, loss, company);
        }

        if (run.Simulation.Violations.Count == 0) Copy(run);
        run.Figure("newEpochs", begun);
        return run.Report();
    }

    /// <summary>Every loss in every company in which something is left to tell of it.</summary>
    private static IEnumerable<(Loss Loss, Company Company)> Days =>
    [
        (Loss.LogGone, Company.Among), (Loss.OlderLog, Company.Among), (Loss.OlderMachine, Company.Among),
        (Loss.OlderLog, Company.Alone), (Loss.LogGone, Company.Alone),
        (Loss.OlderLog, Company.All), (Loss.LogGone, Company.All),
    ];

    /// <summary>One day; returns how many epochs were begun.</summary>
    private static int Play(TimedRun run, Loss loss, Company company)
    {
        var (simulation, day) = (run.Simulation, $"On the day of {loss} ({company})");
        foreach (var agent in run.Agents) run.Write(agent);
        run.Require(run.Converge(Settling) < Settling, $"{day} agents did not agree in the morning.");
        var survivor = run.Anyone();
        List<SimulatedAgent> victims = company is Company.All ? [.. run.Agents.Where(agent => loss is not Loss.LogGone || agent != survivor)] : [run.Anyone()];
        var losses = victims.ConvertAll(victim => Prepare(run, victim.Node!, loss));
        foreach (var victim in victims) run.Write(victim);
        run.Work(Working, apart: TimeSpan.FromMilliseconds(100));
        simulation.Run(Working);
        if (loss is Loss.OlderMachine) run.Converge(Settling); // or nobody could know what it had written since
        if (company is Company.Alone)
        {
            simulation.Network.Cut(simulation.Nodes.Count, (from, to) => from == victims[0].Number || to == victims[0].Number);
            run.Write(victims[0]);
            simulation.Run(TimeSpan.FromSeconds(1));
        }

        var epochs = victims.ConvertAll(EpochOf);
        foreach (var victim in victims) victim.Node!.Crash();
        foreach (var lose in losses) lose();
        var known = victims.Zip(epochs, (victim, epoch) => KnownTo(run, victim, new ChainId(victim.Id, epoch))).ToList();
        foreach (var victim in victims)
        {
            victim.HasLostData = true;
            victim.Node!.Start();
            run.Write(victim); // waits until it may
        }

        run.Work(Waiting, apart: TimeSpan.FromMilliseconds(500));
        simulation.Run(Waiting);
        run.Heal();
        foreach (var agent in run.Agents) run.Write(agent);
        run.Require(run.Converge(Settling) < Settling, $"{day} agents did not come to agree.");
        for (var i = 0; i < victims.Count; i++)
        {
            var isNew = EpochOf(victims[i]) > epochs[i];
            run.Require(isNew, $"{day} {victims[i]} went on in epoch {epochs[i]}.");
            if (isNew && company is Company.Among) RequireRecovered(run, victims[i], new ChainId(victims[i].Id, epochs[i]), known[i], day);
        }

        return victims.Count;
    }

    /// <summary>What is to be done to a stopped node's disks; an older copy of the whole machine is made now.</summary>
    private static Action Prepare(TimedRun run, SimulatedNode node, Loss loss)
    {
        var (commits, keys) = (node.Disk.Commits, node.Keys.Clone());
        return loss switch
        {
            Loss.LogGone => node.Disk.Wipe,
            Loss.OlderLog => () => node.Disk.RollBack(1 + run.Random.Below(node.Disk.Commits - 1)), // the first is the founding
            Loss.OlderMachine => () =>
            {
                node.Disk.RollBack(commits, inPlace: true);
                node.Keys = keys;
            }
            ,
            _ => throw new InvalidOperationException($"No such loss: {loss}."),
        };
    }

    /// <summary>The first event of the next epoch says what came back: all that the others had.</summary>
    private static void RequireRecovered(TimedRun run, SimulatedAgent victim, ChainId ended, long known, string day)
    {
        var first = victim.Node!.SegmentsOf(victim).First(segment => segment.Chain == ended with { Epoch = ended.Epoch + 1 }).Records[0];
        var recovered = EventCatalogue.TryRead(first, out var body) && body is EpochStarted started && started.PreviousEpoch == ended.Epoch ? started.LastSequence : -1;
        run.Require(recovered >= known, $"{day} {victim} got back {recovered} of its events of epoch {ended.Epoch}, although others had {known}.");
    }

    private static long KnownTo(TimedRun run, SimulatedAgent victim, ChainId chain) =>
        run.Agents.Where(other => other != victim).Max(other => other.Heads.GetValueOrDefault(chain));

    private static int EpochOf(SimulatedAgent agent) => agent.Log.Where(run => run.Chain.Agent == agent.Id).Max(run => run.Chain.Epoch);

    /// <summary>A machine is copied in place, and each of the two can reach half of the others, who tell both that nothing is missing.</summary>
    private static void Copy(TimedRun run)
    {
        var simulation = run.Simulation;
        var original = run.Agents[(run.Agents.Count - 1) / 2 * 2];
        var copied = simulation.Nodes.Count;
        simulation.Network.Cut(copied + 1, (from, to) => HalfOf(from) != HalfOf(to));
        var copy = simulation.Clone(original.Node!, isHonest: true).Agents[0];
        foreach (var one in new[] { original, copy }) run.Write(one);
        run.Work(Waiting, apart: TimeSpan.FromMilliseconds(500));
        simulation.Run(Waiting);
        run.Heal();
        run.Converge(Settling);
        foreach (var agent in run.Agents.Where(agent => !agent.IsLiar)) run.Write(agent);
        run.Require(run.Converge(Settling) < Settling, "After a machine was copied the others did not come to agree.");
        foreach (var agent in run.Agents.Where(agent => !agent.IsLiar))
            run.Require(ForksScenario.ExposedBy(agent).Contains(original.Id), $"{agent} holds no proof that there are two of {original}.");
        CausalityScenario.CompareViews(run);

        int HalfOf(int node) => node == copied ? 1 : node % 2;
    }

    /// <summary>What happens to the disks.</summary>
    private enum Loss
    {
        /// <summary>The log is gone.</summary>
        LogGone,

        /// <summary>An older copy of the log is put back; the leases are as they were.</summary>
        OlderLog,

        /// <summary>Log and leases are put back to an older moment, in the same files.</summary>
        OlderMachine,
    }

    /// <summary>To whom it happens.</summary>
    private enum Company
    {
        /// <summary>To one among others who run.</summary>
        Among,

        /// <summary>To one that can reach nobody.</summary>
        Alone,

        /// <summary>To all at once; when logs are gone, to all but one.</summary>
        All,
    }
}
