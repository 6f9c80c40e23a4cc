using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Events in the order an observer delivered them; the last ones by default.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="Writer">Only events this agent wrote; by default everybody's.</param>
/// <param name="Types">Only these types; empty for all.</param>
/// <param name="Limit">Most entries, 1 to 1000.</param>
/// <param name="After">Only events after this log position (a cursor from an earlier answer), oldest first.</param>
/// <param name="Before">Only events before this log position; the newest of them.</param>
public sealed record ReadLog(
    string? Observer = null,
    string? Writer = null,
    IReadOnlyList<string>? Types = null,
    int Limit = 100,
    long? After = null,
    long? Before = null) : IRequest<LogAnswer>;

/// <summary>A part of a log, ascending.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="LogLength">How many events it has in all.</param>
/// <param name="Entries">The part, by position.</param>
/// <param name="Complete">True when everything that was asked for is in this answer, and nothing was cut off by the limit.</param>
/// <param name="Next">Pass as <c>after</c> to go on from here; set also when there is nothing yet.</param>
/// <param name="Previous">Pass as <c>before</c> to read what came earlier; null at the start of the log.</param>
public sealed record LogAnswer(
    AgentRef Observer,
    long LogLength,
    IReadOnlyList<LogEntry> Entries,
    bool Complete,
    long Next,
    long? Previous) : Answer;

/// <summary>One place of a log.</summary>
/// <param name="Event">The event.</param>
/// <param name="Delivery">How it got there.</param>
public sealed record LogEntry(EventView Event, Delivery Delivery);

internal sealed class ReadLogHandler(Observers observers) : IRequestHandler<ReadLog, LogAnswer>
{
    public async Task<LogAnswer> Handle(ReadLog request, CancellationToken cancellationToken)
    {
        LogPages.RequireLimit(request.Limit);
        if (request is { After: not null, Before: not null })
            throw RefusedException.Invalid("Both after and before are set; expected one of them: after reads on, before reads back.");
        if (request is { After: < 0 } or { Before: < 1 }) throw RefusedException.Invalid("A cursor is negative; pass one from an earlier answer.");
        var pages = new LogPages(observers);
        var filter = await observers.ReadAsync(
            request.Observer,
            witness => new LogFilter(witness.Observer, request.Writer is { } writer ? witness.Agent(writer) : null, [.. request.Types ?? []]),
            cancellationToken);
        return request.After is { } after
            ? await pages.ForwardAsync(filter, after, request.Limit, cancellationToken)
            : await pages.BackwardAsync(filter, request.Before, request.Limit, cancellationToken);
    }
}
