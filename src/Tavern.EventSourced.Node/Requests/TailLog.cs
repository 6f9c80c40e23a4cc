using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Events after a position of an observer's log; waits for the first one.</summary>
/// <param name="Observer">Whose log.</param>
/// <param name="After">Log position; null starts at the end, and the answer is at once and says where that is.</param>
/// <param name="WaitSeconds">How long to wait for news, 0 to 60.</param>
/// <param name="Limit">Most entries, 1 to 1000.</param>
public sealed record TailLog(string? Observer = null, long? After = null, double WaitSeconds = 25, int Limit = 100) : IRequest<LogAnswer>;
