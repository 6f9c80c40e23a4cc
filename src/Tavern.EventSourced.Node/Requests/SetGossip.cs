using System.Collections.Immutable;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Pauses or resumes an agent's gossip. Questions still pass.</summary>
/// <param name="Agent">Whose gossip; must be hosted on the node.</param>
/// <param name="Paused">True to pause, false to resume.</param>
/// <param name="Peers">With whom; empty or null for everybody.</param>
public sealed record SetGossip(string Agent, bool Paused, IReadOnlyList<string>? Peers = null) : IRequest<GossipAnswer>, IWrite;

/// <summary>How an agent's gossip stands now.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Paused">All of it is paused.</param>
/// <param name="PausedPeers">Peers it is paused with.</param>
/// <param name="NextRoundSeconds">Until the next round is due; null while all is paused.</param>
public sealed record GossipAnswer(AgentRef Agent, bool Paused, IReadOnlyList<AgentRef> PausedPeers, double? NextRoundSeconds) : Answer;

internal sealed class SetGossipHandler(Observers observers) : IRequestHandler<SetGossip, GossipAnswer>
{
    public async Task<GossipAnswer> Handle(SetGossip request, CancellationToken cancellationToken)
    {
        var (agent, peers) = await observers.ReadAsync(
            request.Agent, witness => (witness.Observer, (request.Peers ?? []).Select(witness.Agent).ToImmutableArray()), cancellationToken);
        if (request.Paused) await observers.Node.PauseGossipAsync(agent, peers, cancellationToken);
        else await observers.Node.ResumeGossipAsync(agent, peers, cancellationToken);
        var engine = await observers.Node.GetStatusAsync(agent, cancellationToken);
        return await observers.ReadAsync(
            agent,
            witness => new GossipAnswer(
                witness.Of(agent),
                engine.Paused,
                witness.Of(engine.Peers.Where(peer => peer.Paused).Select(peer => peer.Peer)),
                engine.Paused ? null : Math.Max(0, engine.NextRound.TotalSeconds)),
            cancellationToken);
    }
}


