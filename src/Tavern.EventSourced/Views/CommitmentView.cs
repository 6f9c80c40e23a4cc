using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>How a commitment stands.</summary>
public enum CommitmentState
{
    /// <summary>Promised.</summary>
    Made,

    /// <summary>Its owner claims to have kept it; nobody judged the claim yet.</summary>
    Claimed,

    /// <summary>Complete: the claim was verified from outside the owner's subtree, or a ruling says that it holds.</summary>
    Verified,

    /// <summary>The claim was found wanting.</summary>
    Failed,

    /// <summary>Somebody disagrees and no ruling answers that yet.</summary>
    Disputed,

    /// <summary>Its owner took it back.</summary>
    Withdrawn,
}

/// <summary>A judgement of a claim: a verification or a ruling.</summary>
/// <param name="By">Whose.</param>
/// <param name="Outcome">Pass or fail.</param>
/// <param name="Text">What was checked, or why; null when nothing was said.</param>
/// <param name="Event">The event, with depth and hash to order it by.</param>
public sealed record Judgement(AgentId By, VerificationOutcome Outcome, string? Text, Candidate<CommitmentState> Event)
{
    /// <summary>Of a ruling: the disputes it knew of, which it answers if it counts.</summary>
    public ImmutableArray<EventId> Answers { get; init; } = [];
}

/// <summary>A disagreement with how a commitment stands.</summary>
public sealed record Dispute(AgentId By, string Reason, Candidate<CommitmentState> Event);

/// <summary>One commitment. Judgements and disputes are those of the current claim.</summary>
/// <param name="Id">The event that made it.</param>
/// <param name="Task">The task it is part of, if any.</param>
/// <param name="To">To whom it was made, if to anyone in particular.</param>
public sealed record CommitmentView(EventId Id, EventId? Task, AgentId? To)
{
    /// <summary>What is promised.</summary>
    public required Field<string> Text { get; init; }

    /// <summary>How it stands.</summary>
    public required Field<CommitmentState> State { get; init; }

    /// <summary>The current claim, with its evidence as value; null when there is none.</summary>
    public Field<string?>? Claim { get; init; }

    /// <summary>Verifications that none overrides, in canonical order.</summary>
    public ImmutableArray<Judgement> Verifications { get; init; } = [];

    /// <summary>Rulings by ancestors of the owner, in canonical order. The state says which one counts, if any.</summary>
    public ImmutableArray<Judgement> Rulings { get; init; } = [];

    /// <summary>Disputes, in canonical order, answered or not.</summary>
    public ImmutableArray<Dispute> Disputes { get; init; } = [];

    /// <summary>Why it was taken back; null while it was not.</summary>
    public Field<string?>? Withdrawal { get; init; }

    /// <summary>Who made it.</summary>
    public AgentId Owner => Id.Agent;

    /// <summary>True unless it was taken back before it was ever claimed.</summary>
    public bool IsCounted => State.Value is not CommitmentState.Withdrawn || Claim is not null;
}
