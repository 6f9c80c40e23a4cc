using System.Text.Json;
using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What an observer believes, now or at a point in history.</summary>
/// <param name="Observer">Whose belief; by default the node's first agent.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
/// <param name="Agent">Only about this agent.</param>
/// <param name="Close">Widen a cut that lacks causes instead of refusing it.</param>
public sealed record GetState(string? Observer = null, string? AsOf = null, string? Agent = null, bool Close = false) : IRequest<StateAnswer>;

/// <summary>A view.</summary>
/// <param name="Reading">What it was folded from.</param>
/// <param name="ViewHash">SHA-256 of the whole view, 64 hexadecimal digits: equal for everyone at the same cut.</param>
/// <param name="Agent">Whom it is about; null for everybody.</param>
/// <param name="Beliefs">With <paramref name="Agent"/>: all fields and their evidence, by name.</param>
/// <param name="View">The view itself, or its part about the agent.</param>
public sealed record StateAnswer(Reading Reading, string ViewHash, AgentRef? Agent, IReadOnlyList<Belief> Beliefs, JsonElement View) : Answer;
