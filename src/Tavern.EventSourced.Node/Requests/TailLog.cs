using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Events after a position of an observer's log; waits for the first one.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="After">Log position; null starts at the end, and the answer is at once and says where that is.</param>
/// <param name="WaitSeconds">How long to wait for news, 0 to 60.</param>
/// <param name="Limit">Most entries, 1 to 1000.</param>
public sealed record TailLog(string? Observer = null, long? After = null, double WaitSeconds = 25, int Limit = 100) : IRequest<LogAnswer>;

internal sealed class TailLogHandler(Observers observers) : IRequestHandler<TailLog, LogAnswer>
{
    private const double WaitSecondsMax = 60; // shorter than what proxies and people give up after

    public async Task<LogAnswer> Handle(TailLog request, CancellationToken cancellationToken)
    {
        LogPages.RequireLimit(request.Limit);
        if (request.WaitSeconds is not (>= 0 and <= WaitSecondsMax))
            throw RefusedException.Invalid($"The wait is {request.WaitSeconds} s; expected 0 to {WaitSecondsMax}.");
        if (request.After < 0) throw RefusedException.Invalid("The cursor is negative; pass one from an earlier answer.");
        var (holder, length) = await observers.ReadAsync(
            request.Observer, witness => (witness.Observer, witness.History.LogLength(witness.Observer)), cancellationToken);
        var after = request.After ?? length;
        if (request.After is not null && after >= length && request.WaitSeconds > 0)
            await WaitAsync(holder, after, TimeSpan.FromSeconds(request.WaitSeconds), cancellationToken);
        return await new LogPages(observers).ForwardAsync(new LogFilter(holder, null, []), after, request.Limit, cancellationToken);
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
