using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who has an event (`who-knows`). Asks the others; of a recorded event also who in its record had heard it.</summary>
/// <param name="Event">Which.</param>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetKnowers(string Event, string? Observer = null, double DeadlineSeconds = 2) : IRequest<KnowersAnswer>;

/// <summary>Who has it and who does not.</summary>
/// <param name="Event">Which.</param>
/// <param name="AtLeast">How many have it, proven.</param>
/// <param name="Of">How many agents are known that are not retired.</param>
/// <param name="Exact">True when everybody answered.</param>
/// <param name="Knows">Who has it, and how that is known.</param>
/// <param name="Lacks">Who answered and does not have it.</param>
/// <param name="Unknown">Who did not answer and is not proven to have it.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
/// <param name="Recorded">Who in its record had heard it; null for what is no event of a record.</param>
public sealed record KnowersAnswer(
    EventRef Event,
    int AtLeast,
    int Of,
    bool Exact,
    IReadOnlyList<Knower> Knows,
    IReadOnlyList<AgentRef> Lacks,
    IReadOnlyList<AgentRef> Unknown,
    IReadOnlyList<Asked> Asked,
    RecordedAudience? Recorded = null) : Answer;

/// <summary>One agent that has it.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Proof"><c>own</c>: wrote it; <c>answered</c>: said so; <c>event</c>: an event it wrote depends on it.</param>
/// <param name="Event">With <c>event</c>, that event.</param>
public sealed record Knower(AgentRef Agent, string Proof, EventRef? Event = null);

internal sealed class GetKnowersHandler(Observers observers, Others others) : IRequestHandler<GetKnowers, KnowersAnswer>
{
    public async Task<KnowersAnswer> Handle(GetKnowers request, CancellationToken cancellationToken)
    {
        var deadline = Others.Deadline(request.DeadlineSeconds);
        var (asker, id) = await observers.ReadAsync(request.Observer, witness => (witness.Observer, witness.Event(request.Event)), cancellationToken);
        return await new Knowers(observers, others).AskAsync(asker, id, deadline, cancellationToken);
    }
}
