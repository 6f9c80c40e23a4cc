using MediatR;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Where agents' beliefs differ from each other's own account. Asks the others.</summary>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetDisagreements(string? Observer = null, double DeadlineSeconds = 2) : IRequest<DisagreementsAnswer>;

/// <summary>The differences.</summary>
/// <param name="Reading">What the asker has.</param>
/// <param name="Disagreements">By observer, subject, field.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
public sealed record DisagreementsAnswer(Reading Reading, IReadOnlyList<Disagreement> Disagreements, IReadOnlyList<Asked> Asked) : Answer;

/// <summary>One difference.</summary>
/// <param name="Observer">Who believes.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Which field.</param>
/// <param name="Observed">What the observer believes; null when nothing.</param>
/// <param name="ObservedSince">The event that decided it.</param>
/// <param name="Own">What the subject says itself; null when nothing.</param>
/// <param name="OwnSince">The event that decided it.</param>
/// <param name="Verdict">As in the answer to "why".</param>
/// <param name="Why">Both sides and the cause, in a sentence or two.</param>
public sealed record Disagreement(
    AgentRef Observer,
    AgentRef Subject,
    string Field,
    string? Observed,
    EventRef? ObservedSince,
    string? Own,
    EventRef? OwnSince,
    string Verdict,
    string Why);

internal sealed class GetDisagreementsHandler(Observers observers, Others asking) : IRequestHandler<GetDisagreements, DisagreementsAnswer>
{
    public async Task<DisagreementsAnswer> Handle(GetDisagreements request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var asker = await observers.ReadAsync(request.Observer, witness => witness.Observer, cancellationToken);
        var round = await asking.ClocksAsync(asker, deadline, cancellationToken);
        var accounts = new Dictionary<(AgentId Observer, AgentId Subject), BeliefAccount>();
        foreach (var subject in round.Reports)
        {
            // Same clock, same view: only those who have heard other things can differ.
            var others = round.Reports.Where(other => other.Agent != subject.Agent && other.Answered && !other.Clock.Equals(subject.Clock));
            List<AgentId> whom = [subject.Agent, .. others.Select(other => other.Agent)];
            var question = new AskQuestion.Belief(subject.Agent, "state");
            foreach (var reply in await asking.AskAsync(asker, whom, question, deadline, cancellationToken))
                if (reply.Answer is AskAnswer.Belief told) accounts[(reply.Agent, subject.Agent)] = told.Account;
        }

        return await observers.ReadAsync(
            asker,
            witness =>
            {
                var all = Disagreements.Of(
                    "state",
                    witness.Now,
                    accounts,
                    [.. round.Reports.Select(report => report.Agent)],
                    witness.RelationOf,
                    WhyWords.LastWordsOf(witness),
                    witness.History.Causality.FirstOf);
                return new DisagreementsAnswer(witness.Reading, [.. all.Differences.Select(why => LineOf(witness, why))], round.Asked);
            },
            cancellationToken);
    }

    private static Disagreement LineOf(Witness witness, Explanation why) => new(
        witness.Of(why.Observer),
        witness.Of(why.Subject),
        why.Field,
        why.ObserverBelief?.Belief.Value,
        why.ObserverBelief is { } observed ? witness.Of(observed.Belief.DecidedBy) : null,
        why.SubjectBelief?.Belief.Value,
        why.SubjectBelief is { } own ? witness.Of(own.Belief.DecidedBy) : null,
        why.Verdict.Name,
        ExplanationText.Sentence(why, witness.Sentences));
}
