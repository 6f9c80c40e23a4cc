using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>An exchange that failed is a failed direct probe. Before its peer is suspected, others are asked to try: the fault may be on the
/// way, or here (SWIM, Das 2002: indirect probes). Whoever is asked says so at once, which shows that it is well itself
/// (Lifeguard, Dadgar 2018: "nack"), calls the peer, and calls back when that was answered.</summary>
internal sealed class Prober(EngineState state)
{
    private const int HelpersMax = 3; // SWIM: k
    private const int HelpsMax = 64; // probes for others at a time; who asks for more is answered, and not helped

    private readonly SortedDictionary<AgentId, Round> _rounds = [];
    private readonly Dictionary<long, Pending> _calls = [];
    private int _helps;

    /// <summary>When the first unanswered probe counts as failed; null for never.</summary>
    public TimeSpan? NextDeadline => _rounds.Count == 0 ? null : _rounds.Values.Min(round => round.Deadline);

    /// <summary>An exchange with a peer got no answer.</summary>
    public void IsSilent(Peer peer, EngineTime now)
    {
        if (state.Node.Hosts(peer.Id) || _rounds.ContainsKey(peer.Id)) return;
        var helpers = peer.Health.Liveness is Liveness.Alive ? state.Peers.Helpers(peer, HelpersMax, now.Elapsed) : [];
        if (helpers.Count == 0)
        {
            if (peer.Health.Liveness is Liveness.Alive) state.Failures.Health.Worse();
            state.Failures.IsSilent(peer, now);
            return;
        }

        _rounds.Add(peer.Id, new Round(peer, now.Elapsed + state.Options.ProbeTimeout * state.Failures.Health.Patience));
        foreach (var helper in helpers) Call(helper, peer.Id, new Pending.Helper(helper, peer));
    }

    /// <summary>A peer called or answered: no probe of it is needed any more.</summary>
    public void IsHeard(Peer peer) => _rounds.Remove(peer.Id);

    /// <summary>Somebody probes: answer, and help when asked to.</summary>
    public GossipMessage.Alive Answer(Peer peer, GossipMessage.Probe probe, EngineTime now)
    {
        foreach (var rumour in probe.Rumours)
            if (rumour.Liveness is Liveness.Alive) _rounds.Remove(rumour.About); // a helper reached it
        state.Failures.Hear(probe.Rumours, now);
        if (probe.Target is { } asked && _helps < HelpsMax && state.Peers.TryGet(asked, out var target) && !target.IsPaused)
        {
            _helps++;
            Call(target, null, new Pending.Help(target, peer));
        }

        return new GossipMessage.Alive(state.Failures.Incarnation) { Rumours = state.Failures.Tell(peer) };
    }

    /// <summary>A call was answered; false when it was no probe.</summary>
    public bool OnAnswered(GossipInput.Answered answered, EngineTime now)
    {
        if (answered.Message is GossipMessage.Refused { IsFromAnother: true }) return OnFailed(answered.CallId);
        if (!_calls.Remove(answered.CallId, out var pending)) return false;
        var alive = answered.Message as GossipMessage.Alive;
        state.Failures.IsHeard(pending.Called, alive?.Incarnation, now.Wall);
        if (alive is not null) state.Failures.Hear(alive.Rumours, now);
        switch (pending)
        {
            case Pending.Helper(var helper, var target):
                if (alive is not null && _rounds.TryGetValue(target.Id, out var round)) round.Helpers.Add(helper.Id);
                break;
            case Pending.Help(var reached, var asker):
                _helps--;
                Report(reached, asker);
                break;
        }

        return true;
    }

    /// <summary>A call was not answered; false when it was no probe.</summary>
    public bool OnFailed(long callId)
    {
        if (!_calls.Remove(callId, out var pending)) return false;
        if (pending is Pending.Help) _helps--;
        return true;
    }

    /// <summary>Suspects whom nobody reached in time. When nobody even said that he would try, the fault may be here.</summary>
    public void Expire(EngineTime now)
    {
        foreach (var (id, round) in _rounds.Where(round => round.Value.Deadline <= now.Elapsed).ToList())
        {
            _rounds.Remove(id);
            if (round.Helpers.Count == 0) state.Failures.Health.Worse();
            state.Failures.IsSilent(round.Peer, now);
        }
    }

    private void Report(Peer reached, Peer asker)
    {
        var call = Send(asker, new GossipMessage.Probe(state.Failures.Incarnation)
        {
            Rumours = [new Rumour(reached.Id, Liveness.Alive, reached.Health.Incarnation, reached.Id)],
        });
        _calls.Add(call, new Pending.Reported(asker));
    }

    private void Call(Peer peer, AgentId? ask, Pending pending) =>
        _calls.Add(Send(peer, new GossipMessage.Probe(state.Failures.Incarnation, ask) { Rumours = state.Failures.Tell(peer) }), pending);

    private long Send(Peer peer, GossipMessage.Probe probe)
    {
        var call = state.NextCallId();
        state.Effects.Add(new GossipEffect.Call(call, peer.Id, probe, null));
        return call;
    }

    /// <summary>Others were asked to try a peer.</summary>
    private sealed record Round(Peer Peer, TimeSpan Deadline)
    {
        /// <summary>Who said that it would.</summary>
        public HashSet<AgentId> Helpers { get; } = [];
    }

    /// <summary>A probe that was not answered yet.</summary>
    private abstract record Pending(Peer Called)
    {
        /// <summary>A peer was asked to try another.</summary>
        public sealed record Helper(Peer Asked, Peer Target) : Pending(Asked);

        /// <summary>A peer is tried for another.</summary>
        public sealed record Help(Peer Target, Peer Asker) : Pending(Target);

        /// <summary>Somebody is told that a peer was reached.</summary>
        public sealed record Reported(Peer Asker) : Pending(Asker);
    }
}
