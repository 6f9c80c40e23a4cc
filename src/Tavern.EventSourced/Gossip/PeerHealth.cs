using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Whether a peer answers, as far as this agent can tell.</summary>
internal sealed class PeerHealth
{
    /// <summary>What it counts as.</summary>
    public Liveness Liveness { get; private set; }

    /// <summary>Since when, wall clock; null while nothing ever happened.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>Who found it so first; null as with <see cref="Since"/>.</summary>
    public AgentId? By { get; private set; }

    /// <summary>The highest incarnation known, from itself or by hearsay.</summary>
    public ulong Incarnation { get; private set; }

    /// <summary>The suspicion under way; null when there is none.</summary>
    public Suspicion? Suspicion { get; private set; }

    /// <summary>What was said of it and what it has not refuted yet, though it may have answered since; null for nothing.</summary>
    public Rumour? Unrefuted { get; private set; }

    /// <summary>Takes note of an incarnation. True when it refutes what was said of it.</summary>
    public bool Learn(ulong incarnation)
    {
        Incarnation = Math.Max(Incarnation, incarnation);
        if (Unrefuted is not { } said || Gossip.Incarnation.OrderOf(incarnation) <= Gossip.Incarnation.OrderOf(said.Incarnation)) return false;
        Unrefuted = null;
        return true;
    }

    /// <summary>It answered, or refuted what was said of it.</summary>
    public void IsAlive(DateTimeOffset wall, AgentId by)
    {
        if (Liveness is not Liveness.Alive) (Liveness, Since, By) = (Liveness.Alive, wall, by);
        Suspicion = null;
    }

    /// <summary>It is suspected.</summary>
    public void IsSuspected(Rumour rumour, Suspicion suspicion, DateTimeOffset wall)
    {
        (Liveness, Since, By) = (Liveness.Suspected, wall, rumour.By);
        (Suspicion, Unrefuted) = (suspicion, rumour);
        Incarnation = Math.Max(Incarnation, rumour.Incarnation);
    }

    /// <summary>It did not refute the suspicion in time.</summary>
    public Rumour IsDead(DateTimeOffset wall)
    {
        var said = Unrefuted!.Value with { Liveness = Liveness.Dead };
        (Liveness, Since) = (Liveness.Dead, wall);
        (Suspicion, Unrefuted) = (null, said);
        return said;
    }
}
