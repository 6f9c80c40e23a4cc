using System.Collections.Immutable;
using System.Numerics;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Who answers and who does not, found out together: what this agent sees, what others say, and what the accused say to that
/// (SWIM, Das 2002, with Lifeguard's patience, Dadgar 2018). It steers whom to call, and nothing else. A member that lies can
/// make others call somebody less often for a while, never not at all.</summary>
internal sealed class FailureDetector(EngineState state)
{
    private readonly RumourSpread _spread = new();
    private readonly SortedDictionary<AgentId, Peer> _suspected = [];

    /// <summary>How well this agent itself seems to do.</summary>
    public LocalHealth Health { get; } = new();

    /// <summary>This agent's own incarnation; it grows with each suspicion that it has to refute.</summary>
    public ulong Incarnation { get; private set; } = state.Start.Incarnation;

    /// <summary>When the first suspicion runs out; null for never.</summary>
    public TimeSpan? NextDeadline => _suspected.Count == 0 ? null : _suspected.Values.Min(peer => peer.Health.Suspicion!.Deadline);

    /// <summary>What goes out with a message to a peer: first what is said of itself, so that it can refute it.</summary>
    public ImmutableArray<Rumour> Tell(Peer peer) => _spread.Take(peer.Health.Unrefuted, peer.Id, state.Peers.Count);

    /// <summary>A peer called or answered.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="incarnation">What it said; null when the message has none.</param>
    /// <param name="wall">For display.</param>
    public void IsHeard(Peer peer, ulong? incarnation, DateTimeOffset wall)
    {
        if (incarnation is { } said && peer.Health.Learn(said)) Spread(new Rumour(peer.Id, Liveness.Alive, said, peer.Id));
        Clear(peer, wall, state.Start.Agent);
    }

    /// <summary>Neither this agent nor anyone it asked reached the peer.</summary>
    public void IsSilent(Peer peer, EngineTime now) =>
        Suspect(peer, new Rumour(peer.Id, Liveness.Suspected, peer.Health.Incarnation, state.Start.Agent), now);

    /// <summary>Somebody says something of others, or of this agent.</summary>
    public void Hear(ImmutableArray<Rumour> rumours, EngineTime now)
    {
        foreach (var rumour in rumours)
        {
            if (rumour.About == state.Start.Agent) Refute(rumour);
            else if (state.Peers.TryGet(rumour.About, out var peer) && !state.Index.IsRetired(rumour.About)) Hear(peer, rumour, now);
        }
    }

    /// <summary>Whoever did not refute a suspicion in time counts as dead.</summary>
    public void Expire(EngineTime now)
    {
        foreach (var peer in _suspected.Values.Where(peer => peer.Health.Suspicion!.Deadline <= now.Elapsed).ToList())
        {
            _suspected.Remove(peer.Id);
            Spread(peer.Health.IsDead(now.Wall));
        }
    }

    private void Refute(Rumour rumour)
    {
        if (rumour.Liveness is Liveness.Alive || Gossip.Incarnation.OrderOf(rumour.Incarnation) < Gossip.Incarnation.OrderOf(Incarnation)) return;
        Incarnation = Gossip.Incarnation.Above(Incarnation, rumour.Incarnation);
        Health.Worse();
        Spread(new Rumour(state.Start.Agent, Liveness.Alive, Incarnation, state.Start.Agent));
    }

    private void Hear(Peer peer, Rumour rumour, EngineTime now)
    {
        if (rumour.Liveness is not Liveness.Alive)
        {
            Suspect(peer, rumour, now);
        }
        else if (peer.Health.Learn(rumour.Incarnation))
        {
            Spread(rumour);
            Clear(peer, now.Wall, rumour.By);
        }
    }

    private void Suspect(Peer peer, Rumour rumour, EngineTime now)
    {
        var own = rumour.By == state.Start.Agent;
        var (health, order) = (peer.Health, Gossip.Incarnation.OrderOf(rumour.Incarnation));
        if (order < Gossip.Incarnation.OrderOf(health.Incarnation)) return; // of a life before the one that is known
        if (health.Suspicion is { } suspicion)
        {
            if (rumour.Liveness is Liveness.Dead) suspicion.ConfirmAll();
            if (suspicion.Confirm(rumour.By)) Spread(rumour);
            return;
        }

        // What was said of it before and it has answered since is no news; only what this agent sees itself is.
        if (health.Liveness is not Liveness.Alive || (!own && health.Unrefuted is { } before && Gossip.Incarnation.OrderOf(before.Incarnation) >= order)) return;
        var started = new Suspicion(rumour.By, now.Elapsed, ShortestSuspicion(), Math.Clamp(state.Peers.Count - 1, 0, Suspicion.ConfirmationsMax));
        if (rumour.Liveness is Liveness.Dead) started.ConfirmAll();
        var said = rumour with { Liveness = Liveness.Suspected };
        health.IsSuspected(said, started, now.Wall);
        _suspected.Add(peer.Id, peer);
        Spread(said);
    }

    /// <summary>As many round intervals as the news of it needs to get around and back, more when this agent itself does badly.</summary>
    private TimeSpan ShortestSuspicion() =>
        state.Options.RoundInterval * ((2 + BitOperations.Log2((uint)Math.Max(state.Peers.Count, 1))) * Health.Patience);

    private void Clear(Peer peer, DateTimeOffset wall, AgentId by)
    {
        peer.Health.IsAlive(wall, by);
        _suspected.Remove(peer.Id);
    }

    private void Spread(Rumour rumour) => _spread.Add(rumour);
}
