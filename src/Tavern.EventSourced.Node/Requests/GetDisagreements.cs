using MediatR;

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
/// <param name="Why">In one sentence.</param>
public sealed record Disagreement(
    AgentRef Observer, AgentRef Subject, string Field, string? Observed, EventRef? ObservedSince, string? Own, EventRef? OwnSince, string Why);
