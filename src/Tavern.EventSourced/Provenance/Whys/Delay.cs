using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Why events have not moved from those who hold them to the one who lacks them, as the latter's links say.
/// In JSON an object whose <c>kind</c> names it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(InFlight), "in-flight")]
[JsonDerivedType(typeof(Due), "due")]
[JsonDerivedType(typeof(PausedHere), "paused")]
[JsonDerivedType(typeof(PeersPaused), "peers-paused")]
[JsonDerivedType(typeof(BackPressure), "back-pressure")]
[JsonDerivedType(typeof(PeerDown), "peer-down")]
[JsonDerivedType(typeof(NoPath), "no-path")]
[JsonDerivedType(typeof(NeverMet), "never-met")]
public abstract record Delay
{
    private Delay()
    {
    }

    /// <summary>It asked a holder for them and waits for the answer.</summary>
    /// <param name="From">The holder.</param>
    public sealed record InFlight(AgentId From) : Delay;

    /// <summary>Nothing is in the way; it has not exchanged with a holder since.</summary>
    /// <param name="Via">Holders whose links work; sorted.</param>
    /// <param name="Next">When its next exchange starts; null when unknown. It may choose another peer first.</param>
    public sealed record Due(ImmutableArray<AgentId> Via, DateTimeOffset? Next) : Delay;

    /// <summary>Its own gossip is paused.</summary>
    public sealed record PausedHere : Delay;

    /// <summary>Every holder it tried has gossip paused.</summary>
    public sealed record PeersPaused(ImmutableArray<AgentId> Peers) : Delay;

    /// <summary>Every holder it tried has too much to do.</summary>
    public sealed record BackPressure(ImmutableArray<AgentId> Peers) : Delay;

    /// <summary>The only holder does not answer it.</summary>
    /// <param name="Peer">The holder.</param>
    /// <param name="LastSuccess">The last exchange with it that succeeded; null for never.</param>
    /// <param name="Detail">The failure that was recorded, or null.</param>
    public sealed record PeerDown(AgentId Peer, DateTimeOffset? LastSuccess, string? Detail) : Delay;

    /// <summary>Several holders, and no link to any of them works.</summary>
    /// <param name="Peers">The holders it tried; sorted.</param>
    /// <param name="LastSuccess">The last exchange with any of them that succeeded; null for never.</param>
    public sealed record NoPath(ImmutableArray<AgentId> Peers, DateTimeOffset? LastSuccess) : Delay;

    /// <summary>It has no record of any exchange with a holder.</summary>
    /// <param name="Next">When its next exchange starts; null when unknown.</param>
    public sealed record NeverMet(DateTimeOffset? Next) : Delay;

    /// <summary>Reads the reason from the account of the agent that lacks the events.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="missing">What it lacks.</param>
    /// <param name="holders">Who has it.</param>
    public static Delay Of(BeliefAccount account, EventRange missing, ImmutableArray<AgentId> holders)
    {
        if (account.Paused) return new PausedHere();
        var links = account.Links.Where(link => holders.Contains(link.Peer)).OrderBy(link => link.Peer).ToList();
        var working = links.Where(link => link.Condition == LinkCondition.Working).ToList();
        if (working.Find(link => link.Awaited.Any(missing.Overlaps)) is { } awaited) return new InFlight(awaited.Peer);
        if (working.Count > 0) return new Due(PeersOf(working), account.NextRound);
        if (links.Count == 0) return new NeverMet(account.NextRound);
        if (links.TrueForAll(link => link.Condition == LinkCondition.Paused)) return new PeersPaused(PeersOf(links));
        if (links.TrueForAll(link => link.Condition == LinkCondition.Busy)) return new BackPressure(PeersOf(links));
        return links is [var only]
            ? new PeerDown(only.Peer, only.LastSuccess, only.Failure?.Detail)
            : new NoPath(PeersOf(links), links.Max(link => link.LastSuccess));
    }

    private static ImmutableArray<AgentId> PeersOf(List<LinkState> links) => [.. links.Select(link => link.Peer)];
}
