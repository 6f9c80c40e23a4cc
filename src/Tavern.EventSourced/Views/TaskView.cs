using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>How far a task is. Of concurrent statements the greater one counts.</summary>
public enum TaskState
{
    /// <summary>Nobody has it.</summary>
    Created,

    /// <summary>Given to somebody who has not started.</summary>
    Assigned,

    /// <summary>Somebody works on it.</summary>
    Started,

    /// <summary>Somebody reported progress.</summary>
    Progress,

    /// <summary>Somebody gave up on it.</summary>
    Failed,

    /// <summary>Somebody says it is done.</summary>
    Completed,

    /// <summary>No longer wanted.</summary>
    Cancelled,
}

/// <summary>When an agent began to work on a task. Earlier is smaller: canonical order.</summary>
public readonly record struct TaskStart(long Depth, EventId Event) : IComparable<TaskStart>
{
    /// <summary>Orders by depth, then event.</summary>
    public int CompareTo(TaskStart other)
    {
        var order = Depth.CompareTo(other.Depth);
        return order != 0 ? order : Event.CompareTo(other.Event);
    }
}

/// <summary>What came out of a task.</summary>
/// <param name="By">Who says so.</param>
/// <param name="Text">The result; null when none was given.</param>
/// <param name="Assigned">True when the task was assigned to that agent.</param>
/// <param name="Start">When it started; an agent that never said so started with its result.</param>
public sealed record TaskResult(AgentId By, string? Text, bool Assigned, TaskStart Start);

/// <summary>How far a task is, in an agent's words.</summary>
/// <param name="Note">One line.</param>
/// <param name="Percent">0 to 100; null when not known.</param>
public sealed record TaskAdvance(string Note, int? Percent);

/// <summary>One task.</summary>
/// <param name="Id">The event that created it.</param>
/// <param name="Description">More about it, if there is more.</param>
public sealed record TaskView(EventId Id, string? Description)
{
    /// <summary>One line about it.</summary>
    public required Field<string> Title { get; init; }

    /// <summary>What was last said about it, assignments aside.</summary>
    public required Field<TaskState> Stage { get; init; }

    /// <summary>The last assignment; null when there was none.</summary>
    public Field<TaskState>? Assignment { get; init; }

    /// <summary>To whom it was given, with the event of each. An assignment is not a lock.</summary>
    public ImmutableSortedDictionary<AgentId, EventId> Assignees { get; init; } = ImmutableSortedDictionary<AgentId, EventId>.Empty;

    /// <summary>Who started it, with the first start of each.</summary>
    public ImmutableSortedDictionary<AgentId, TaskStart> Starters { get; init; } = ImmutableSortedDictionary<AgentId, TaskStart>.Empty;

    /// <summary>The result that counts; the others are its candidates. Null while nobody completed it.</summary>
    public Field<TaskResult>? Result { get; init; }

    /// <summary>The progress last reported; null when none was.</summary>
    public Field<TaskAdvance>? Progress { get; init; }

    /// <summary>Who created it.</summary>
    public AgentId Creator => Id.Agent;

    /// <summary>How far it is: what was last said, or assigned when nothing was said since it was created and somebody has it.</summary>
    public Field<TaskState> State => Stage.Value is TaskState.Created && Assignment is not null ? Assignment : Stage;
}
