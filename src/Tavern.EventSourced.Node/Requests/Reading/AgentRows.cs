using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Agents as rows of a table.</summary>
internal static class AgentRows
{
    /// <summary>All agents that a witness knows, by name.</summary>
    /// <param name="witness">Who knows them.</param>
    /// <param name="engine">The witness's own engine; null when it does not run.</param>
    public static IReadOnlyList<AgentRow> All(Witness witness, EngineStatus? engine)
    {
        var counts = CountsOf(witness.View);
        return
        [
            .. witness.View.Agents.Values.Select(agent => Row(witness, agent, engine, counts)).OrderBy(row => row.Agent.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>One agent.</summary>
    public static AgentRow One(Witness witness, AgentId agent, EngineStatus? engine) =>
        Row(witness, witness.View.Agents[agent], engine, CountsOf(witness.View));

    private static AgentRow Row(Witness witness, AgentView agent, EngineStatus? engine, Dictionary<AgentId, CommitmentCounts> counts)
    {
        var head = witness.HeadOf(agent.Id);
        var at = head is { } id ? witness.WrittenAt(id) : null;
        return new AgentRow(
            witness.Of(agent.Id),
            witness.View.Tree.ParentOf(agent.Id) is { } parent ? witness.Of(parent) : null,
            agent.Role,
            agent.Retired is not null,
            witness.IsHosted(agent.Id),
            witness.Believe(agent.Id, "state"),
            agent.Task?.Value is null ? null : witness.Believe(agent.Id, "task"),
            counts.GetValueOrDefault(agent.Id) ?? new CommitmentCounts(0, 0, 0, 0, 0),
            head is { } known ? witness.Of(known) : null,
            at,
            witness.Age(at),
            head is { } heard ? witness.HeardBy(heard) : null,
            engine?.Peers.FirstOrDefault(peer => peer.Peer == agent.Id) is { } link ? LinkOf(link, witness) : null,
            agent.Retired is null ? null : witness.Believe(agent.Id, "retired"),
            witness.RecordOf(agent.Id),
            ForkOf(agent) is { } place ? witness.Of(place) : null);
    }

    private static EventId? ForkOf(AgentView agent)
    {
        if (agent.Forks.Values.FirstOrDefault(fork => fork.LastShared is not null || fork.Proof is not null) is not { } fork) return null;
        return fork.LastShared is { } last ? new EventId(agent.Id, fork.Epoch, last + 1) : fork.Proof!.Value;
    }

    private static Dictionary<AgentId, CommitmentCounts> CountsOf(TavernView view)
    {
        var counts = new Dictionary<AgentId, CommitmentCounts>();
        foreach (var commitment in view.Commitments.Values)
        {
            if (!commitment.IsCounted) continue;
            var before = counts.GetValueOrDefault(commitment.Owner) ?? new CommitmentCounts(0, 0, 0, 0, 0);
            var after = before with { Made = before.Made + 1 };
            counts[commitment.Owner] = commitment.State.Value switch
            {
                CommitmentState.Claimed => after with { Claimed = after.Claimed + 1 },
                CommitmentState.Verified => after with { Complete = after.Complete + 1 },
                CommitmentState.Failed => after with { Failed = after.Failed + 1 },
                CommitmentState.Disputed => after with { Disputed = after.Disputed + 1 },
                _ => after,
            };
        }

        return counts;
    }

    private static Link LinkOf(PeerStatus peer, Witness witness) => new(
        peer.Paused,
        peer.LastSuccess,
        peer.LastFailure,
        peer.FailuresInARow,
        peer.Failure?.Detail,
        peer.Agreed,
        peer.Liveness.ToString().ToLowerInvariant(),
        peer.LivenessSince,
        witness.Age(peer.LivenessSince),
        peer.LivenessBy is { } by ? witness.Of(by) : null);
}
