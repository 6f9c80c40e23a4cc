using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>What an engine knows of its link to one peer. Never decides correctness; answers "why has it not moved".</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Paused">Exchanges with it are paused here.</param>
/// <param name="LastSuccess">End of the last exchange that worked, wall clock; null for never since the start.</param>
/// <param name="LastFailure">The last one that did not; null for never.</param>
/// <param name="FailuresInARow">Since the last success.</param>
/// <param name="Failure">The last one since the last success, which may not be committed yet; null while calls work.</param>
/// <param name="Agreed">Fingerprints were equal at the end of the last exchange.</param>
public sealed record PeerStatus(
    AgentId Peer, bool Paused, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure, int FailuresInARow, Receipt? Failure, bool Agreed)
{
    /// <summary>Whether it answers, as far as this agent and those it talks with can tell.</summary>
    public Liveness Liveness { get; init; }

    /// <summary>Since when, wall clock; null while nobody ever doubted it.</summary>
    public DateTimeOffset? LivenessSince { get; init; }

    /// <summary>Who found it so first; null as with <see cref="LivenessSince"/>.</summary>
    public AgentId? LivenessBy { get; init; }
}

/// <summary>A segment that arrived and waits for something it depends on.</summary>
/// <param name="First">Its first event.</param>
/// <param name="Last">Its last event's sequence.</param>
/// <param name="Missing">The first event it waits for.</param>
/// <param name="From">Who sent it.</param>
/// <param name="At">When it arrived, by the holder's clock; for display only.</param>
public sealed record HeldBack(EventId First, long Last, EventId Missing, AgentId From, DateTimeOffset At);

/// <summary>A readable picture of an engine at one moment.</summary>
/// <param name="Agent">Whose engine.</param>
/// <param name="Clock">Delivered and committed.</param>
/// <param name="LogLength">Number of events in the agent's log.</param>
/// <param name="Paused">All gossip is paused.</param>
/// <param name="NextRound">Time until the next round is due.</param>
/// <param name="Peers">By peer id.</param>
/// <param name="HeldBack">By first event.</param>
/// <param name="Wanted">Ranges asked for and not here yet, with whom.</param>
public sealed record EngineStatus(
    AgentId Agent,
    VectorClock Clock,
    long LogLength,
    bool Paused,
    TimeSpan NextRound,
    IReadOnlyList<PeerStatus> Peers,
    IReadOnlyList<HeldBack> HeldBack,
    IReadOnlyList<(AgentId Peer, Want Want)> Wanted)
{
    /// <summary>Whether the agent may write, and what it waits for.</summary>
    public GuardStatus Guard { get; init; } = GuardStatus.None;

    /// <summary>A later epoch that the agent has begun elsewhere, so that it may not write here; null when there is none.</summary>
    public int? EpochElsewhere { get; init; }
}
