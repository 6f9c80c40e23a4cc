using System.Runtime.CompilerServices;
using MediatR;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A whole log, ascending, one event at a time.</summary>
/// <param name="Observer">Whose log; by default the node's first agent.</param>
public sealed record ExportLog(string? Observer = null) : IRequest<ExportAnswer>;

/// <summary>The stream. Read it once; leaving it early ends the export.</summary>
/// <param name="Events">In the order the observer delivered them.</param>
public sealed record ExportAnswer(IAsyncEnumerable<EventView> Events);

internal sealed class ExportLogHandler(Observers observers) : IRequestHandler<ExportLog, ExportAnswer>
{
    public async Task<ExportAnswer> Handle(ExportLog request, CancellationToken cancellationToken)
    {
        var (holder, names, length) = await observers.ReadAsync(
            request.Observer, witness => (witness.Observer, witness.Names, witness.History.LogLength(witness.Observer)), cancellationToken);
        return new ExportAnswer(ReadAsync(holder, names, length, CancellationToken.None));
    }

    private async IAsyncEnumerable<EventView> ReadAsync(
        AgentId holder, NameTable names, long length, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var store = observers.Node.Store;
        await foreach (var run in store.ReadRunsAsync(holder, 1, cancellationToken))
        {
            if (run.Position > length) yield break; // what came after the export began
            await foreach (var record in store.ReadRecordsAsync(run.Chain, run.First, run.Last, cancellationToken))
                yield return RecordText.Show(record, names);
        }
    }
}
