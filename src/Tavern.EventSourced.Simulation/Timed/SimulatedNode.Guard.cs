using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Timed;

// Before the first append after a start: leases beside the keys, and questions to other nodes, answered from their disks.
public sealed partial class SimulatedNode
{
    private int _leasesUnderWay;

    /// <summary>What the node can tell an agent's engine about the numbers that may have been used.</summary>
    private GuardStart? GuardOf(SimulatedAgent agent)
    {
        if (agent.IsUnguarded) return null;
        var lease = Keys.LeaseOf(agent.Id);
        return new GuardStart([.. Agents.Select(hosted => hosted.Id)])
        {
            IsNewborn = !Keys.HaveBeenUsed,
            Used = lease is not null && lease.Epoch == EpochOf(agent) ? lease.Used : 0,
            Lost = Disk.IsGone ? "its log is gone" : lease is not null && lease.File != Disk.File ? "its log is in another file than before" : null,
        };
    }

    /// <summary>The newest of an agent's epochs that its log or its lease names.</summary>
    private int EpochOf(SimulatedAgent agent) =>
        Math.Max(Keys.LeaseOf(agent.Id)?.Epoch ?? 1, agent.Log.Where(run => run.Chain.Agent == agent.Id).Select(run => run.Chain.Epoch).DefaultIfEmpty(1).Max());

    /// <summary>What an agent wants written goes to its engine as soon as that takes it.</summary>
    private void HandOver(SimulatedAgent agent)
    {
        while (!agent.Engine.HoldsAppends && agent.Held.TryDequeue(out var append)) Perform(agent, agent.Engine.Step(append, Now), null);
    }

    /// <summary>A lease takes as long as a commit; a node that dies meanwhile has not written it.</summary>
    private void Lease(SimulatedAgent agent, GossipEffect.Lease lease)
    {
        _leasesUnderWay++;
        _world.After(Disk.CommitTime, InThisLife(() =>
        {
            _leasesUnderWay--;
            Keys.Write(agent.Id, new SimulatedLease(lease.Epoch, lease.Used, Disk.File));
            Take(agent, new GossipInput.Leased(lease.Epoch, lease.Through));
        }));
    }

    /// <summary>Asks an agent of another node how far it has heard one of this node. A few hundred bytes, once per start: not counted as traffic.</summary>
    private void AskHeads(SimulatedAgent from, GossipEffect.AskHeads ask)
    {
        var (life, isOpen) = (_life, true);
        void End(GossipInput outcome)
        {
            if (life != _life) return;
            InThisLife(() =>
            {
                if (!isOpen) return;
                isOpen = false;
                Take(from, outcome);
            })();
        }

        if (_world.Locate(ask.To, from) is not { } to)
        {
            _world.After(TimeSpan.Zero, () => End(new GossipInput.CallFailed(ask.CallId, "No address is known.")));
            return;
        }

        var asked = to.Node!;
        _world.After(_world.Options.CallTimeout, () => End(new GossipInput.CallFailed(ask.CallId, "No answer in time.")));
        _world.Network.Send(Number, asked.Number, 0, () => asked.Tell(to, from.Id, this, heads => End(heads is { } told
            ? new GossipInput.HeadsTold(ask.CallId, told)
            : new GossipInput.CallFailed(ask.CallId, "The node is down."))), () => { });
    }

    /// <summary>Another node's question: answered with what the asked agent has committed, with null when this node is down.</summary>
    private void Tell(SimulatedAgent asked, AgentId writer, SimulatedNode asker, Action<ImmutableArray<SignedHead>?> answer)
    {
        if (State == NodeState.Stopped)
        {
            _world.Network.Send(Number, asker.Number, 0, () => answer(null), () => { });
            return;
        }

        InThisLife(() =>
        {
            var heads = HeadsOf(asked, writer);
            _world.Network.Send(Number, asker.Number, 0, () => answer(heads), () => { });
        })();
    }

    /// <summary>The ends of all lines of a writer's newest epoch in an agent's log, with their signatures.</summary>
    private ImmutableArray<SignedHead> HeadsOf(SimulatedAgent agent, AgentId writer)
    {
        var runs = agent.Log.Where(run => run.Chain.Agent == writer).ToList();
        var newest = runs.Select(run => run.Chain.Epoch).DefaultIfEmpty().Max();
        return
        [
            .. runs.Where(run => run.Chain.Epoch == newest).GroupBy(run => run.Chain)
                .Select(line => SegmentWith(line.Key[line.Max(run => run.Last)]))
                .Select(segment => new SignedHead(segment.Records[^1].HeaderBytes, segment.Signature)),
        ];
    }
}
