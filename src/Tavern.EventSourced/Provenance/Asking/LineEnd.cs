using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>The last event of a line of a chain that has forked, as nodes name it to each other: the numbers of lines are each node's own.</summary>
/// <param name="Event">Agent, epoch and sequence, without a branch.</param>
/// <param name="Hash">Its record's hash.</param>
public readonly record struct LineEnd(EventId Event, Hash Hash);
