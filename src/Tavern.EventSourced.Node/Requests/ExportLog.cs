using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A whole log, ascending, one event at a time.</summary>
/// <param name="Observer">Whose log; by default the node's first agent.</param>
public sealed record ExportLog(string? Observer = null) : IRequest<ExportAnswer>;

/// <summary>The stream. Read it once; leaving it early ends the export.</summary>
/// <param name="Events">In the order the observer delivered them.</param>
public sealed record ExportAnswer(IAsyncEnumerable<EventView> Events);
