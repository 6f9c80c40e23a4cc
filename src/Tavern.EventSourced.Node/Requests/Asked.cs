namespace Tavern.EventSourced.Node.Requests;

/// <summary>Whether an agent that was asked answered.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Answered">True when a verified answer came within the deadline.</param>
/// <param name="Failure">Why not, in one sentence.</param>
public sealed record Asked(AgentRef Agent, bool Answered, string? Failure = null);
