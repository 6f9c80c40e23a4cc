using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event.</summary>
/// <param name="Event">Which: <c>gandalf:42</c>, <c>gandalf:42~3</c>, <c>gandalf:42^</c>, or with ids.</param>
/// <param name="Observer">Whose log tells how it arrived; by default the node's first agent that has it.</param>
public sealed record ShowEvent(string Event, string? Observer = null) : IRequest<EventAnswer>;

/// <summary>An event.</summary>
/// <param name="Observer">Whose log was read.</param>
/// <param name="Event">The event.</param>
/// <param name="Depth">Length of the longest chain of events that leads to it, itself included.</param>
/// <param name="Clock">Everything its writer had when writing it, as a cursor.</param>
/// <param name="Delivery">How it reached the observer.</param>
/// <param name="HeardBy">How many agents have it.</param>
/// <param name="Effects">Events the observer has that declare it as a cause, at most 100, in the order delivered.</param>
public sealed record EventAnswer(
    AgentRef Observer,
    EventView Event,
    long Depth,
    string Clock,
    Delivery? Delivery,
    HeardBy HeardBy,
    IReadOnlyList<EventRef> Effects) : Answer;
