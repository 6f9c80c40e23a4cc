using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Events in the order an observer delivered them; the last ones by default. A log only grows at its end, so places in it are
/// cursors that nothing moves: pages join without gap or repetition while events arrive, late ones too.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="Filter">Which events; all by default.</param>
/// <param name="Limit">Most entries, 1 to 1000.</param>
/// <param name="After">Only events after this place in the log (a cursor from an earlier answer), oldest first.</param>
/// <param name="Before">Only events before this place in the log; the newest of them.</param>
/// <param name="Texts">False leaves the payloads out of the entries.</param>
public sealed record ReadLog(
    string? Observer = null,
    EventFilter? Filter = null,
    int Limit = 100,
    long? After = null,
    long? Before = null,
    bool Texts = true) : IRequest<LogAnswer>;

/// <summary>A part of a log, ascending: every event that fits among those looked at.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="LogLength">How many events it has in all.</param>
/// <param name="Entries">What fits, by place.</param>
/// <param name="Complete">True when all of the log in that direction was looked at, and nothing was cut off by the limit. Else go on with
/// <paramref name="Previous"/>, or <paramref name="Next"/> after a request with <c>after</c>.</param>
/// <param name="Next">Pass as <c>after</c> to go on from here; set also when there is nothing yet.</param>
/// <param name="Previous">Pass as <c>before</c> to read what came earlier; null at the start of the log.</param>
/// <param name="LookedFrom">First place that was looked at.</param>
/// <param name="LookedTo">Last place that was looked at; below <paramref name="LookedFrom"/> when there was none to look at. One request looks at
/// no more than 50,000 events, or 64 MiB of them, and answers with no more than 8 MiB or a single event.</param>
public sealed record LogAnswer(
    AgentRef Observer,
    long LogLength,
    IReadOnlyList<LogEntry> Entries,
    bool Complete,
    long Next,
    long? Previous,
    long LookedFrom,
    long LookedTo) : Answer;

/// <summary>One place of a log.</summary>
/// <param name="Event">The event.</param>
/// <param name="Delivery">How it got there.</param>
/// <param name="Quarantined">True when it lies above the place where its writer's chain has forked, as far as this log shows: no rule counts it.</param>
public sealed record LogEntry(EventView Event, Delivery Delivery, bool Quarantined);

internal sealed class ReadLogHandler(Observers observers) : IRequestHandler<ReadLog, LogAnswer>
{
    public async Task<LogAnswer> Handle(ReadLog request, CancellationToken cancellationToken)
    {
        LogPages.RequireLimit(request.Limit);
        if (request is { After: not null, Before: not null })
            throw RefusedException.Invalid("Both after and before are set; expected one of them: after reads on, before reads back.");
        if (request is { After: < 0 } or { Before: < 1 }) throw RefusedException.Invalid(
            $"The cursor is {request.After ?? request.Before}; expected {(request.After is null ? "1 or more" : "0 or more")}: pass one from an earlier answer.");
        var (filter, length, name) = await observers.ReadAsync(
            request.Observer,
            witness => (LogFilter.Of(witness, request.Filter), witness.History.LogLength(witness.Observer), witness.Of(witness.Observer).Name),
            cancellationToken);
        if ((request.After ?? request.Before - 1) > length) throw RefusedException.Invalid(
            $"The cursor {request.After ?? request.Before} lies past the end of {name}'s log, which has {length} events; a cursor holds for one agent's " +
                $"log only: pass one from an earlier answer about {name}.");
        var pages = new LogPages(observers, filter, request.Limit, request.Texts);
        return request.After is { } after
            ? await pages.ForwardAsync(after, cancellationToken)
            : await pages.BackwardAsync(request.Before, cancellationToken);
    }
}
