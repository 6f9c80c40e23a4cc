using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>A piece of work. The task is named by this event.</summary>
/// <param name="Title">One line.</param>
/// <param name="Description">More, if needed.</param>
public sealed record TaskCreated(string Title, string? Description = null) : TavernEvent;

/// <summary>The writer gives a task to an agent. An assignment is not a lock.</summary>
public sealed record TaskAssigned(EventId Task, AgentId Agent) : TavernEvent;

/// <summary>The writer works on a task.</summary>
public sealed record TaskStarted(EventId Task) : TavernEvent;

/// <summary>The writer reports progress.</summary>
/// <param name="Task">The task.</param>
/// <param name="Note">One line.</param>
/// <param name="Percent">0 to 100, if known.</param>
public sealed record TaskProgressed(EventId Task, string Note, int? Percent = null) : TavernEvent;

/// <summary>The writer says the task is done.</summary>
public sealed record TaskCompleted(EventId Task, string? Result = null) : TavernEvent;

/// <summary>The writer gives up on the task.</summary>
public sealed record TaskFailed(EventId Task, string Reason) : TavernEvent;

/// <summary>The task is no longer wanted.</summary>
public sealed record TaskCancelled(EventId Task, string? Reason = null) : TavernEvent;

/// <summary>The writer promises something. The commitment is named by this event.</summary>
/// <param name="Text">What is promised.</param>
/// <param name="Task">The task it is part of, if any.</param>
/// <param name="To">To whom, if to anyone in particular.</param>
public sealed record CommitmentMade(string Text, EventId? Task = null, AgentId? To = null) : TavernEvent;

/// <summary>The writer claims to have kept its commitment. The claim is named by this event; a new claim voids older judgements.</summary>
/// <param name="Commitment">The commitment.</param>
/// <param name="Evidence">Where to look.</param>
public sealed record CommitmentClaimed(EventId Commitment, string? Evidence = null) : TavernEvent;

/// <summary>The writer takes its commitment back.</summary>
public sealed record CommitmentWithdrawn(EventId Commitment, string? Reason = null) : TavernEvent;

/// <summary>How a claim was judged.</summary>
public enum VerificationOutcome
{
    /// <summary>The claim holds.</summary>
    Pass,

    /// <summary>The claim does not hold.</summary>
    Fail,
}

/// <summary>The writer checked a claim. Only agents outside the claimant's subtree count.</summary>
/// <param name="Claim">The <see cref="CommitmentClaimed"/> it judges.</param>
/// <param name="Outcome">Pass or fail.</param>
/// <param name="Note">What was checked.</param>
/// <param name="Overrides">Earlier verifications of the same claim that this one knowingly overrides.</param>
public sealed record VerificationRecorded(EventId Claim, VerificationOutcome Outcome, string? Note = null, ImmutableArray<EventId>? Overrides = null) : TavernEvent;

/// <summary>The writer disagrees with how a commitment stands and asks for a ruling.</summary>
public sealed record CommitmentDisputed(EventId Commitment, string Reason) : TavernEvent;

/// <summary>A strict common ancestor of claimant and verifiers decides a claim.</summary>
/// <param name="Claim">The <see cref="CommitmentClaimed"/> it judges.</param>
/// <param name="Outcome">Pass or fail.</param>
/// <param name="Reason">Why.</param>
public sealed record RulingMade(EventId Claim, VerificationOutcome Outcome, string Reason) : TavernEvent;
