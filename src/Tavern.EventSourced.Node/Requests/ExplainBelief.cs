using MediatR;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Why does an observer believe what it believes about a subject, and why does the subject's own account differ?</summary>
/// <param name="Observer">Who believes.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Which field; <c>state</c> by default.</param>
/// <param name="AsOf">A point in history, by default now.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record ExplainBelief(
    string Observer, string Subject, string Field = "state", string? AsOf = null, double DeadlineSeconds = 2) : IRequest<WhyAnswer>;

/// <summary>The answer to "why".</summary>
/// <param name="Verdict"><c>agree</c>, <c>not-heard</c>, <c>held-back</c>, <c>rejected</c>, <c>overruled</c>, <c>forked</c>, <c>never-said</c>,
/// <c>stale-view</c> or <c>unreachable</c>.</param>
/// <param name="Reason">With <c>not-heard</c>, why it has not moved: <c>in-flight</c>, <c>due</c>, <c>paused</c>, <c>peers-paused</c>,
/// <c>back-pressure</c>, <c>peer-down</c>, <c>no-path</c>, <c>never-met</c>; else null.</param>
/// <param name="Observer">Who believes.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Which field.</param>
/// <param name="Observed">The observer's value; null when it has none.</param>
/// <param name="Own">The subject's own value; null when it has none or could not be read.</param>
/// <param name="Headline">The two sides in one sentence.</param>
/// <param name="Cause">The verdict in one sentence.</param>
/// <param name="Missing">What the observer lacks; null for nothing.</param>
/// <param name="Holders">Who is known to have it.</param>
/// <param name="Evidence">What the verdict rests on, one sentence each.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
/// <param name="Commands">What would help, as typed.</param>
public sealed record WhyAnswer(
    string Verdict,
    string? Reason,
    AgentRef Observer,
    AgentRef Subject,
    string Field,
    Belief? Observed,
    Belief? Own,
    string Headline,
    string Cause,
    EventSpan? Missing,
    IReadOnlyList<AgentRef> Holders,
    IReadOnlyList<string> Evidence,
    IReadOnlyList<Asked> Asked,
    IReadOnlyList<string> Commands) : Answer;

internal sealed class ExplainBeliefHandler(Observers observers, Others others) : IRequestHandler<ExplainBelief, WhyAnswer>
{
    public async Task<WhyAnswer> Handle(ExplainBelief request, CancellationToken cancellationToken)
    {
        if (!AgentFields.Names.Contains(request.Field))
            throw RefusedException.Invalid($"'{request.Field}' is not a field of an agent; expected one of " +
                $"{string.Join(", ", AgentFields.Names)}.");
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var asker = await observers.FindAsync([request.Observer, request.Subject], cancellationToken);
        var (observer, subject, cut) = await observers.ReadAsync(
            asker,
            witness => (
                witness.Agent(request.Observer),
                witness.Agent(request.Subject),
                request.AsOf is null ? null : witness.AsOf(request.AsOf).Clock),
            cancellationToken);
        var clocks = others.ClocksAsync(asker, deadline, cancellationToken);
        var replies = await others.AskAsync(
            asker,
            observer == subject ? [observer] : [observer, subject],
            new AskQuestion.Belief(subject, request.Field, cut),
            deadline,
            cancellationToken);
        var round = await clocks;
        return await observers.ReadAsync(
            asker,
            witness =>
            {
                var why = Why.Explain(new WhyCase
                {
                    Observer = observer,
                    Subject = subject,
                    Field = request.Field,
                    Now = witness.Now,
                    ObserverAccount = AccountOf(observer),
                    SubjectAccount = AccountOf(subject),
                    LowerBound = WhyWords.LowerBoundOf(witness, subject, request.Field),
                    Clocks = [.. round.Reports],
                    Relation = witness.RelationOf,
                    FirstOf = witness.History.Causality.FirstOf,
                });
                return WhyWords.Of(witness, why, Others.Lines(witness, replies));
            },
            cancellationToken);

        BeliefAccount? AccountOf(Identity.AgentId agent) =>
            (replies.FirstOrDefault(reply => reply.Agent == agent)?.Answer as AskAnswer.Belief)?.Account;
    }
}
