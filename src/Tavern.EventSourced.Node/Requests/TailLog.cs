using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Events after a position of an observer's log; waits until the log has grown. An answer may be empty all the same, when nothing
/// of what came fits the filter: go on from its <c>next</c>.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="After">Log position; null starts at the end, and the answer is at once and says where that is.</param>
/// <param name="WaitSeconds">How long to wait for news, 0 to 60.</param>
/// <param name="Limit">Most entries, 1 to 1000.</param>
/// <param name="Filter">Which events; all by default.</param>
/// <param name="Texts">False leaves the payloads out of the entries.</param>
public sealed record TailLog(
    string? Observer = null,
    long? After = null,
    double WaitSeconds = 25,
    int Limit = 100,
    EventFilter? Filter = null,
    bool Texts = true) : IRequest<LogAnswer>;

internal sealed class TailLogHandler(Observers observers) : IRequestHandler<TailLog, LogAnswer>
{
    private const double WaitSecondsMax = 60; // shorter than what proxies and people give up after

    public async Task<LogAnswer> Handle(TailLog request, CancellationToken cancellationToken)
    {
        LogPages.RequireLimit(request.Limit);
        if (request.WaitSeconds is not (>= 0 and <= WaitSecondsMax))
            throw RefusedException.Invalid($"The wait is {request.WaitSeconds} s; expected 0 to {WaitSecondsMax}.");
        if (request.After < 0) throw RefusedException.Invalid("The cursor is negative; pass one from an earlier answer.");
        var (filter, length) = await observers.ReadAsync(
            request.Observer, witness => (LogFilter.Of(witness, request.Filter), witness.History.LogLength(witness.Observer)), cancellationToken);
        var after = request.After ?? length;
        if (request.After is not null && after >= length && request.WaitSeconds > 0)
            await WaitAsync(filter.Holder, after, TimeSpan.FromSeconds(request.WaitSeconds), cancellationToken);
        return await new LogPages(observers, filter, request.Limit, request.Texts).ForwardAsync(after, cancellationToken);
    }

    private async Task WaitAsync(Identity.AgentId holder, long after, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (observers.Node.IsReadOnly) return; // nothing can come
        using var enough = new CancellationTokenSource(patience, observers.Node.Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await observers.Node.WaitForNewsAsync(holder, after, either.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // No news is an answer too.
        }
    }
}
