using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Events that arrived and wait for another one: a log never holds an event without its causes.</summary>
/// <param name="Events">What waits.</param>
/// <param name="Missing">The first event they wait for.</param>
/// <param name="From">Who sent them.</param>
/// <param name="At">When they arrived, by the clock of the agent where they wait.</param>
public sealed record HeldBackEvents(EventRange Events, EventId Missing, AgentId From, DateTimeOffset At);
