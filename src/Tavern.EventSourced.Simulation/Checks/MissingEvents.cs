using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Checks;

/// <summary>Why an agent's log lacks an event that exists.</summary>
internal enum MissingReason
{
    /// <summary>The agent's node is down or stands still.</summary>
    NotRunning,

    /// <summary>No disk has it any more, or none of those that still take part: whoever wrote it is gone and had told nobody.</summary>
    Lost,

    /// <summary>Only nodes have it that are down or stand still: its writer died before it told anybody who runs.</summary>
    HoldersNotRunning,

    /// <summary>The agent's node is cut off from everybody who has it.</summary>
    CutOff,

    /// <summary>The agent has it and waits for its commit.</summary>
    Committing,

    /// <summary>The agent has it and waits for something that it depends on.</summary>
    HeldBack,

    /// <summary>The agent asked somebody for it.</summary>
    AskedFor,

    /// <summary>Somebody who can reach the agent has it: it is on its way.</summary>
    Spreading,
}

/// <summary>Finds out why events are missing, from logs, disks and links; nothing here steers a run.</summary>
internal static class MissingEvents
{
    /// <summary>The reasons, counted once per agent and event.</summary>
    public static SortedDictionary<MissingReason, int> Count(TimedSimulation simulation)
    {
        var counts = new SortedDictionary<MissingReason, int>();
        foreach (var (_, _, reason) in Of(simulation)) counts[reason] = counts.GetValueOrDefault(reason) + 1;
        return counts;
    }

    /// <summary>Every event that an agent lacks, with the reason.</summary>
    public static IEnumerable<(SimulatedAgent Agent, Publication Event, MissingReason Reason)> Of(TimedSimulation simulation)
    {
        var components = Components(simulation);
        foreach (var agent in simulation.Agents)
        {
            if (agent.IsGone) continue;
            foreach (var published in simulation.Checks.Published)
                if (!agent.Contents.Contains(published.Tag)) yield return (agent, published, ReasonOf(simulation, agent, published, components));
        }
    }

    private static MissingReason ReasonOf(TimedSimulation simulation, SimulatedAgent agent, Publication missing, int[] components)
    {
        var node = agent.Node!;
        if (node.State != NodeState.Running) return MissingReason.NotRunning;
        var holders = simulation.Agents.Where(other => !other.IsGone && other.Contents.Contains(missing.Tag)).Select(other => other.Node!).ToList();
        if (holders.Count == 0) return MissingReason.Lost;
        if (agent.Committing is { } batch && batch.Runs.Any(run => run.Holder == agent.Id && run.Chain.Agent == missing.Id.Agent && run.First <= missing.Id.Sequence && run.Last >= missing.Id.Sequence))
            return MissingReason.Committing;
        var status = node.StatusOf(agent);
        if (status.HeldBack.Any(held => held.First.Chain.Main == missing.Id.Chain && held.First.Sequence <= missing.Id.Sequence && held.Last >= missing.Id.Sequence))
            return MissingReason.HeldBack;
        if (!holders.Exists(holder => holder.State == NodeState.Running)) return MissingReason.HoldersNotRunning;
        if (!holders.Exists(holder => holder.State == NodeState.Running && components[holder.Number] == components[node.Number])) return MissingReason.CutOff;
        return status.Wanted.Any(wanted => wanted.Want.Chain.Main == missing.Id.Chain && wanted.Want.First <= missing.Id.Sequence && wanted.Want.Last >= missing.Id.Sequence)
            ? MissingReason.AskedFor
            : MissingReason.Spreading;
    }

    /// <summary>Running nodes that can exchange with each other, directly or through others, have the same number. A call needs both directions.</summary>
    private static int[] Components(TimedSimulation simulation)
    {
        var component = new int[simulation.Nodes.Count];
        for (var start = 0; start < component.Length; start++)
        {
            if (component[start] != 0) continue;
            var reached = new Queue<int>([start]);
            component[start] = start + 1;
            while (reached.TryDequeue(out var from))
            {
                for (var to = 0; to < component.Length; to++)
                {
                    if (component[to] != 0 || simulation.Nodes[to].State != NodeState.Running || simulation.Nodes[from].State != NodeState.Running) continue;
                    if (simulation.Network[from, to].IsCut || simulation.Network[to, from].IsCut) continue;
                    component[to] = start + 1;
                    reached.Enqueue(to);
                }
            }
        }

        return component;
    }
}
