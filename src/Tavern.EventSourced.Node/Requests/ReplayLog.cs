using System.Diagnostics;
using MediatR;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Reads an observer's log from the store, verifies every link as it goes, and folds it from nothing.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="UpTo">A point in history; by default the end of the log.</param>
/// <param name="Close">Widen a cut that lacks causes instead of refusing it.</param>
public sealed record ReplayLog(string? Observer = null, string? UpTo = null, bool Close = false) : IRequest<ReplayAnswer>;

/// <summary>How a replay went.</summary>
/// <param name="Reading">What was replayed.</param>
/// <param name="Events">How many events.</param>
/// <param name="Chains">Of how many chains.</param>
/// <param name="ByType">Events per type.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ViewHash">Of the view it ended with.</param>
/// <param name="LiveViewHash">Of the view the node had at the same cut without replaying.</param>
/// <param name="Verified">True when every hash, every link and every cause held and both views are the same.</param>
/// <param name="Faults">What did not hold, at most 20.</param>
public sealed record ReplayAnswer(
    Reading Reading,
    long Events,
    int Chains,
    IReadOnlyDictionary<string, long> ByType,
    double Seconds,
    string ViewHash,
    string LiveViewHash,
    bool Verified,
    IReadOnlyList<string> Faults) : Answer;

internal sealed class ReplayLogHandler(Observers observers) : IRequestHandler<ReplayLog, ReplayAnswer>
{
    public async Task<ReplayAnswer> Handle(ReplayLog request, CancellationToken cancellationToken)
    {
        var (holder, reading, cut, live) = await observers.ReadAsync(
            request.Observer,
            now =>
            {
                var witness = now.AsOf(request.UpTo, request.Close);
                return (witness.Observer, witness.Reading, witness.Clock, ViewHash.Of(witness.View).ToString());
            },
            cancellationToken);
        var started = Stopwatch.GetTimestamp();
        var replay = new Replay(observers.Node.Store);
        await replay.ReadAsync(holder, cut, cancellationToken);
        var view = ViewHash.Of(await replay.FoldAsync(cancellationToken)).ToString();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (replay.Events != reading.Events) replay.Fault($"The log has {replay.Events} events of the {reading.Events} that the cut " +
            $"covers.");
        if (view != live) replay.Fault($"The replayed view is {view}, the live one {live}.");
        return new ReplayAnswer(
            reading, replay.Events, cut.Count, replay.ByType, seconds, view, live, replay.Faults.Count == 0, [.. replay.Faults]);
    }
}
