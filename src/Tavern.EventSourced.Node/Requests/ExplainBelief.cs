using MediatR;

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
/// <param name="Verdict"><c>agree</c>, <c>not-heard</c>, <c>held-back</c>, <c>rejected</c>, <c>not-applied</c>, <c>overruled</c>,
/// <c>never-said</c>, <c>stale-view</c>, <c>unreachable</c> or <c>unknown</c>.</param>
/// <param name="Reason">With <c>not-heard</c>, why it has not moved: <c>in-flight</c>, <c>no-path</c>, <c>peer-down</c>,
/// <c>paused</c>, <c>back-pressure</c>; else null.</param>
/// <param name="Observer">Who believes.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Which field.</param>
/// <param name="Observed">The observer's value; null when it has none.</param>
/// <param name="Own">The subject's own value; null when it has none or could not be read.</param>
/// <param name="Headline">The two sides in one sentence.</param>
/// <param name="Cause">The verdict in one sentence.</param>
/// <param name="Missing">What the observer lacks; null for nothing.</param>
/// <param name="Holders">Who is known to have it.</param>
/// <param name="Evidence">What the verdict rests on, one sentence each, with the event it is about.</param>
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
    EventRange? Missing,
    IReadOnlyList<AgentRef> Holders,
    IReadOnlyList<WhyEvidence> Evidence,
    IReadOnlyList<Asked> Asked,
    IReadOnlyList<string> Commands) : Answer;

/// <summary>One piece of evidence.</summary>
/// <param name="Text">One sentence.</param>
/// <param name="Event">The event it is about, if any.</param>
public sealed record WhyEvidence(string Text, EventRef? Event = null);
