using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All commitments an observer knows.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
/// <param name="Agent">Only those this agent made.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
public sealed record ListCommitments(string? Observer = null, string? Agent = null, string? AsOf = null) : IRequest<CommitmentsAnswer>;

/// <summary>The commitments, oldest first.</summary>
/// <param name="Reading">What they were read from.</param>
/// <param name="Commitments">One line each.</param>
public sealed record CommitmentsAnswer(Reading Reading, IReadOnlyList<CommitmentLine> Commitments) : Answer;

/// <summary>A commitment.</summary>
/// <param name="Commitment">The event that names it.</param>
/// <param name="Text">What is promised.</param>
/// <param name="By">By whom.</param>
/// <param name="Task">The task it is part of, if any.</param>
/// <param name="Claim">The claim that counts now, if any.</param>
/// <param name="Disputed">Somebody asked for a ruling on it.</param>
/// <param name="State">Where it stands, with its evidence; claimed and proven are kept apart.</param>
public sealed record CommitmentLine(
    EventRef Commitment, string Text, AgentRef By, EventRef? Task, EventRef? Claim, bool Disputed, Belief State);
