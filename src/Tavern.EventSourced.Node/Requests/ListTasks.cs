using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>All tasks an observer knows.</summary>
/// <param name="Observer">As seen by whom; by default the node's first agent.</param>
/// <param name="AsOf">A point in history; by default everything the observer has.</param>
public sealed record ListTasks(string? Observer = null, string? AsOf = null) : IRequest<TasksAnswer>;

/// <summary>The tasks, oldest first.</summary>
/// <param name="Reading">What they were read from.</param>
/// <param name="Tasks">One line each.</param>
public sealed record TasksAnswer(Reading Reading, IReadOnlyList<TaskLine> Tasks) : Answer;

/// <summary>A task.</summary>
/// <param name="Task">The event that names it.</param>
/// <param name="Title">One line.</param>
/// <param name="CreatedBy">Who.</param>
/// <param name="Assignee">Whom it was given to; null for nobody.</param>
/// <param name="Starters">Who works on it.</param>
/// <param name="Commitments">Promises that are part of it.</param>
/// <param name="State">Where it stands, with its evidence: <c>open</c>, <c>started</c>, <c>completed</c>, <c>failed</c>, <c>cancelled</c>.</param>
public sealed record TaskLine(
    EventRef Task,
    string Title,
    AgentRef CreatedBy,
    AgentRef? Assignee,
    IReadOnlyList<AgentRef> Starters,
    IReadOnlyList<EventRef> Commitments,
    Belief State);
