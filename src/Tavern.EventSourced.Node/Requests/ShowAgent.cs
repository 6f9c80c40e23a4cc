using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>One agent, with everything the observer believes about it.</summary>
/// <param name="Agent">Whom to show.</param>
/// <param name="Observer">As seen by whom; by default the agent itself when its log is here, else the node's first agent.</param>
public sealed record ShowAgent(string Agent, string? Observer = null) : IRequest<AgentAnswer>;

/// <summary>An agent.</summary>
/// <param name="Reading">What it was read from.</param>
/// <param name="Row">As in the list of agents.</param>
/// <param name="SpawnedBy">The event that vouches for it.</param>
/// <param name="Children">Agents it vouched for.</param>
/// <param name="Addresses">Where it can be reached, best first.</param>
/// <param name="Beliefs">All fields, by name.</param>
public sealed record AgentAnswer(
    Reading Reading,
    AgentRow Row,
    EventRef? SpawnedBy,
    IReadOnlyList<AgentRef> Children,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<Belief> Beliefs) : Answer;
