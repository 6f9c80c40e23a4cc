using MediatR;
using Tavern.EventSourced.Views;

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
/// <param name="To">To whom, if to anyone in particular.</param>
/// <param name="Task">The task it is part of, if any.</param>
/// <param name="Claim">The claim that counts now, if any.</param>
/// <param name="ClaimEvidence">Where to look, as the claim says.</param>
/// <param name="Disputed">Somebody asked for a ruling, and none answers that yet.</param>
/// <param name="Judgements">Verifications and rulings of the claim.</param>
/// <param name="State">Where it stands, with its evidence; claimed and proven are kept apart: <c>made</c>, <c>claimed</c>,
/// <c>verified</c>, <c>failed</c>, <c>disputed</c>, <c>withdrawn</c>.</param>
/// <param name="ClaimRule">Id of the rule that makes <paramref name="Claim"/> the one that counts; null without a claim.</param>
public sealed record CommitmentLine(
    EventRef Commitment,
    string Text,
    AgentRef By,
    AgentRef? To,
    EventRef? Task,
    EventRef? Claim,
    string? ClaimEvidence,
    bool Disputed,
    IReadOnlyList<JudgementLine> Judgements,
    Belief State,
    string? ClaimRule);

/// <summary>How somebody judged a claim.</summary>
/// <param name="Kind"><c>verification</c> or <c>ruling</c>.</param>
/// <param name="By">Who.</param>
/// <param name="Outcome"><c>pass</c> or <c>fail</c>.</param>
/// <param name="Text">What was checked, or why.</param>
/// <param name="Event">The event.</param>
public sealed record JudgementLine(string Kind, AgentRef By, string Outcome, string? Text, EventRef Event);

internal sealed class ListCommitmentsHandler(Observers observers) : IRequestHandler<ListCommitments, CommitmentsAnswer>
{
    public async Task<CommitmentsAnswer> Handle(ListCommitments request, CancellationToken cancellationToken) => await observers.ReadAsync(
        request.Observer,
        now =>
        {
            var witness = now.AsOf(request.AsOf);
            var causality = witness.History.Causality;
            var all = witness.View.Commitments.Values.AsEnumerable();
            if (request.Agent is { } name)
            {
                var owner = witness.Agent(name);
                all = all.Where(commitment => commitment.Owner == owner);
            }

            return new CommitmentsAnswer(
                witness.Reading,
                [
                    .. all.OrderBy(commitment => causality.DepthOf(commitment.Id)).ThenBy(commitment => commitment.Id)
                        .Select(commitment => Line(witness, commitment)),
                ]);
        },
        cancellationToken);

    private static CommitmentLine Line(Witness witness, CommitmentView commitment) => new(
        witness.Of(commitment.Id),
        commitment.Text.Value,
        witness.Of(commitment.Owner),
        commitment.To is { } to ? witness.Of(to) : null,
        commitment.Task is { } task ? witness.Of(task) : null,
        commitment.Claim is { } claim ? witness.Of(claim.DecidedBy) : null,
        commitment.Claim?.Value,
        commitment.State.Value is CommitmentState.Disputed,
        [
            .. commitment.Verifications.Select(judgement => Line(witness, judgement, "verification")),
            .. commitment.Rulings.Select(judgement => Line(witness, judgement, "ruling")),
        ],
        witness.Believe("state", commitment.State, WordOf, StandingOf(commitment.State.Value)),
        commitment.Claim?.Rule);

    private static JudgementLine Line(Witness witness, Judgement judgement, string kind) => new(
        kind, witness.Of(judgement.By), judgement.Outcome.ToString().ToLowerInvariant(), judgement.Text, witness.Of(judgement.Event.Event));

    private static string WordOf(CommitmentState state) => state.ToString().ToLowerInvariant();

    private static string StandingOf(CommitmentState state) => state switch
    {
        CommitmentState.Verified => StandingWords.Complete,
        CommitmentState.Claimed or CommitmentState.Disputed => StandingWords.Claimed,
        _ => StandingWords.Said,
    };
}
