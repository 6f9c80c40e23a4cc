using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Provenance;

/// <summary>What one agent says it believes about one field of a subject, with all that explains why it believes no other
/// thing: how far its log goes, what waits, what was refused, and how its links stand.</summary>
/// <param name="Clock">All it has delivered.</param>
/// <param name="Position">Length of its log, in events.</param>
/// <param name="Belief">What its view holds; null when the view holds nothing.</param>
/// <param name="DecidedAt">When the deciding event was written, by its writer's clock; null when unknown or without a belief.</param>
public sealed record BeliefAccount(VectorClock Clock, long Position, FieldBelief? Belief = null, DateTimeOffset? DecidedAt = null)
{
    /// <summary>True when the view holds the subject as complete: done, and every commitment verified from outside. False by default.</summary>
    public bool Complete { get; init; }

    /// <summary>The belief at the older cut that was asked for; null when none was asked for.</summary>
    public PastBelief? Past { get; init; }

    /// <summary>True when its own gossip is paused; false by default.</summary>
    public bool Paused { get; init; }

    /// <summary>When it will start its next exchange, by its own clock; null when unknown.</summary>
    public DateTimeOffset? NextRound { get; init; }

    /// <summary>Its links to peers, one per peer; none by default.</summary>
    public ImmutableArray<LinkState> Links { get => field.IsDefault ? [] : field; init; } // absent from JSON means none

    /// <summary>What arrived and waits for a dependency; none by default.</summary>
    public ImmutableArray<HeldBackEvents> HeldBack { get => field.IsDefault ? [] : field; init; } // absent from JSON means none

    /// <summary>The subject's chains that have forked, by epoch, as far as its log shows; none by default.</summary>
    public ImmutableArray<ForkAccount> Forks { get => field.IsDefault ? [] : field; init; } // absent from JSON means none

    /// <summary>The subject's epochs after a fork that wait for an ancestor's endorsement; none by default.</summary>
    public ImmutableArray<int> WaitingEpochs { get => field.IsDefault ? [] : field; init; } // absent from JSON means none

    /// <summary>What arrived and was refused; none by default.</summary>
    public ImmutableArray<Rejection> Rejections { get => field.IsDefault ? [] : field; init; } // absent from JSON means none
}

/// <summary>What a view held at an older cut.</summary>
/// <param name="Cut">The cut.</param>
/// <param name="Belief">What the view held there; null for nothing.</param>
/// <param name="DecidedAt">When the deciding event was written; null when unknown or without a belief.</param>
/// <param name="Complete">As in <see cref="BeliefAccount.Complete"/>, at that cut.</param>
public sealed record PastBelief(VectorClock Cut, FieldBelief? Belief = null, DateTimeOffset? DecidedAt = null, bool Complete = false);
