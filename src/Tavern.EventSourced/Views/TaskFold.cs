using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Folds events about tasks.</summary>
internal static class TaskFold
{
    /// <summary>Whose result counts: an assignee's, then that of the first to start.</summary>
    private static readonly IComparer<TaskResult> AssignedThenFirst = Comparer<TaskResult>.Create((a, b) =>
    {
        var order = a.Assigned.CompareTo(b.Assigned);
        return order != 0 ? order : b.Start.CompareTo(a.Start);
    });

    public static TavernView Created(TavernView view, FoldStep step, TaskCreated created) => view with
    {
        Tasks = view.Tasks.Add(step.Id, new TaskView(step.Id, created.Description)
        {
            Title = step.First(created.Title, RuleIds.TaskTitle),
            Stage = step.First(TaskState.Created, RuleIds.TaskState),
        }),
    };

    public static TavernView Assigned(TavernView view, FoldStep step, TaskAssigned assigned)
    {
        if (!Find(view, step, assigned.Task, out var task) || !view.Agents.ContainsKey(assigned.Agent))
            return step.Ignore(view, RuleIds.ReferenceInPast);
        if (IsCancelled(task, step)) return step.Ignore(view, RuleIds.TaskCancelledFinal);
        if (!view.Tree.IsInSubtree(step.Writer, task.Creator) && !view.Tree.IsInSubtree(step.Writer, assigned.Agent))
            return step.Ignore(view, RuleIds.TaskAssign);
        return Set(view, task with
        {
            Assignees = task.Assignees.SetItem(assigned.Agent, step.Id),
            Assignment = step.Write(task.Assignment, TaskState.Assigned, RuleIds.TaskAssign),
        });
    }

    public static TavernView Started(TavernView view, FoldStep step, AgentView writer, TaskStarted started)
    {
        if (!Find(view, step, started.Task, out var task)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (IsCancelled(task, step)) return step.Ignore(view, RuleIds.TaskCancelledFinal);
        view = AgentFold.Set(view, writer with { Task = step.Write(writer.Task, task.Id, RuleIds.WorkingOnLastSaid) });
        return Set(view, task with
        {
            Starters = task.Starters.ContainsKey(step.Writer) ? task.Starters : task.Starters.Add(step.Writer, step.Place),
            Stage = Stage(task, step, TaskState.Started),
        });
    }

    public static TavernView Progressed(TavernView view, FoldStep step, TaskProgressed progressed)
    {
        if (!FindWork(view, step, progressed.Task, out var task, out var rule)) return step.Ignore(view, rule);
        var percent = progressed.Percent is >= 0 and <= 100 ? progressed.Percent : null;
        return Set(view, task with
        {
            Progress = step.Write(task.Progress, new TaskAdvance(progressed.Note, percent), RuleIds.TaskProgress),
            Stage = Stage(task, step, TaskState.Progress),
        });
    }

    public static TavernView Completed(TavernView view, FoldStep step, TaskCompleted completed)
    {
        if (!FindWork(view, step, completed.Task, out var task, out var rule)) return step.Ignore(view, rule);
        var start = task.Starters.TryGetValue(step.Writer, out var begun) ? begun : step.Place;
        var result = new TaskResult(step.Writer, completed.Result, task.Assignees.ContainsKey(step.Writer), start);
        return Set(view, task with
        {
            Result = step.Write(task.Result, result, RuleIds.TaskResult, AssignedThenFirst),
            Stage = Stage(task, step, TaskState.Completed),
        });
    }

    public static TavernView Failed(TavernView view, FoldStep step, TaskFailed failed) =>
        FindWork(view, step, failed.Task, out var task, out var rule)
            ? Set(view, task with { Stage = Stage(task, step, TaskState.Failed) })
            : step.Ignore(view, rule);

    public static TavernView Cancelled(TavernView view, FoldStep step, TaskCancelled cancelled)
    {
        if (!Find(view, step, cancelled.Task, out var task)) return step.Ignore(view, RuleIds.ReferenceInPast);
        return view.Tree.IsInSubtree(step.Writer, task.Creator)
            ? Set(view, task with { Stage = Stage(task, step, TaskState.Cancelled) })
            : step.Ignore(view, RuleIds.TaskCancel);
    }

    private static Field<TaskState> Stage(TaskView task, FoldStep step, TaskState state) =>
        step.Write(task.Stage, state, RuleIds.TaskState, Comparer<TaskState>.Default);

    /// <summary>A task that the writer may speak about as one who works on it.</summary>
    private static bool FindWork(TavernView view, FoldStep step, EventId id, out TaskView task, out string rule)
    {
        rule = RuleIds.ReferenceInPast;
        if (!Find(view, step, id, out task)) return false;
        rule = RuleIds.TaskCancelledFinal;
        if (IsCancelled(task, step)) return false;
        rule = RuleIds.TaskWorker;
        return task.Starters.ContainsKey(step.Writer) || task.Assignees.ContainsKey(step.Writer);
    }

    private static bool Find(TavernView view, FoldStep step, EventId id, out TaskView task) =>
        step.Finds(view.Tasks, id, out task!);

    /// <summary>True when the writer knew that the task was cancelled. Nothing but a cancellation comes after one.</summary>
    private static bool IsCancelled(TaskView task, FoldStep step)
    {
        if (task.Stage.Value is not TaskState.Cancelled) return false;
        foreach (var candidate in task.Stage.Candidates)
            if (candidate.Value is TaskState.Cancelled && step.Past.Includes(candidate.Event)) return true;
        return false;
    }

    private static TavernView Set(TavernView view, TaskView task) => view with { Tasks = view.Tasks.SetItem(task.Id, task) };
}
