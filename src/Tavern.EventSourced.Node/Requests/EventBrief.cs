namespace Tavern.EventSourced.Node.Requests;

/// <summary>One event in a line.</summary>
/// <param name="Id"><c>HEX:42</c>, or <c>HEX@2:42</c> after the first epoch.</param>
/// <param name="Name"><c>gandalf:42</c>; accepted as input wherever an event is asked for.</param>
/// <param name="Agent">Its writer.</param>
/// <param name="Type">Its type; null when it is not held here.</param>
/// <param name="At">By its writer's clock; null when no time was recorded or it is not held here.</param>
/// <param name="Text">What its payload says, in at most 200 characters, with names for ids; null when that was not wanted or it is not held here.</param>
public sealed record EventBrief(string Id, string Name, AgentRef Agent, string? Type, DateTimeOffset? At, string? Text);
