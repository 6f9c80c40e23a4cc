using MediatR;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>The events that an event's author declares as its reasons, and theirs, back to those that declare none (`causes`).</summary>
/// <param name="Event">Which.</param>
/// <param name="Observer">Whose names are used; by default the node's first agent's.</param>
/// <param name="Depth">Most steps back, from 1; by default all.</param>
/// <param name="Limit">Most lines, 1 to 1000; those nearest to the event stay.</param>
/// <param name="Texts">False leaves out what payloads say.</param>
public sealed record GetCauses(string Event, string? Observer = null, int? Depth = null, int Limit = 100, bool Texts = true) : IRequest<CausesAnswer>;

/// <summary>The events an observer has that declare an event as a reason, and those that declare these (`effects`).</summary>
/// <param name="Event">Which.</param>
/// <param name="Observer">In whose log; by default the node's first agent's.</param>
/// <param name="Depth">Most steps on, from 1; by default all.</param>
/// <param name="Limit">Most lines, 1 to 1000; those nearest to the event stay.</param>
/// <param name="Texts">False leaves out what payloads say.</param>
public sealed record GetEffects(string Event, string? Observer = null, int? Depth = null, int Limit = 100, bool Texts = true) : IRequest<CausesAnswer>;

/// <summary>Declared causes, or effects, as a tree.</summary>
/// <param name="Observer">Whose names were used, and for effects whose log.</param>
/// <param name="Event">The event they were asked for.</param>
/// <param name="Lines">One per declaration, each below the line it hangs under; of those of one event, causes in the order declared, effects in
/// canonical order.</param>
/// <param name="Events">How many different events the lines show.</param>
/// <param name="Complete">True when nothing was cut off by depth or limit; else lines with <c>more</c> say where.</param>
public sealed record CausesAnswer(AgentRef Observer, EventBrief Event, IReadOnlyList<CauseRow> Lines, int Events, bool Complete) : Answer;

/// <summary>One declaration.</summary>
/// <param name="Depth">Steps from the event asked for, from 1: how far to indent it.</param>
/// <param name="Of">Whose cause (or effect) it is.</param>
/// <param name="Event">The cause (or effect).</param>
/// <param name="Standing"><c>reason</c>; <c>unknown</c>: it is not held here, so nobody can say what it is; <c>not-before</c>: its author had not heard of it,
/// so it cannot have been a reason; <c>ambiguous</c>: its writer has forked, and the author had heard of two events of that name. Only reasons are followed.</param>
/// <param name="Again">True when the event has another line, nearer to the event asked for, and is followed there alone.</param>
/// <param name="More">True when it has causes (or effects) that were cut off by depth or limit.</param>
public sealed record CauseRow(int Depth, EventRef Of, EventBrief Event, string Standing, bool Again, bool More);

internal sealed class GetCausesHandler(Observers observers) : IRequestHandler<GetCauses, CausesAnswer>
{
    public Task<CausesAnswer> Handle(GetCauses request, CancellationToken cancellationToken) => CauseRows.WalkAsync(
        observers, request.Event, request.Observer, request.Depth, request.Limit, request.Texts,
        (witness, id) => witness.History.Record(id).Header.Causes.Distinct().Select(cause => CauseStandings.Of(witness.History.Causality, id, cause)),
        cancellationToken);
}

internal sealed class GetEffectsHandler(Observers observers) : IRequestHandler<GetEffects, CausesAnswer>
{
    public Task<CausesAnswer> Handle(GetEffects request, CancellationToken cancellationToken) => CauseRows.WalkAsync(
        observers, request.Event, request.Observer, request.Depth, request.Limit, request.Texts,
        (witness, id) => witness.EffectsOf(id, request.Limit + 1).Select(effect => (effect, CauseStanding.Reason)),
        cancellationToken);
}
