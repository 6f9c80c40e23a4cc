using System.Globalization;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Subscriptions;

namespace Tavern.EventSourced.SampleWorker;

/// <summary>What a worker does next, as an answer to what it last wrote: so the log says where it was, and nothing else has to.</summary>
internal static class TaskSteps
{
    /// <summary>Steps of every task.</summary>
    public const int StepsMax = 4;

    /// <summary>Its own events too: each is the reason for the next. It ends with the task, so it is no loop.</summary>
    public static SubscriptionOptions Options { get; } = new()
    {
        OwnEvents = true,
        Types = [nameof(TaskAssigned), nameof(TaskStarted), nameof(TaskProgressed), nameof(TaskCompleted)],
    };

    /// <summary>Takes one step.</summary>
    public static void Take(AgentId worker, Cause cause)
    {
        switch (cause.Body)
        {
            case TaskAssigned(var task, var assignee) when assignee == worker:
                cause.Emit(new TaskStarted(task));
                break;
            case TaskStarted(var task) when cause.Id.Agent == worker:
                cause.Emit(Step(task, 1));
                break;
            case TaskProgressed(var task, var note, _) when cause.Id.Agent == worker:
                var step = int.Parse(note.AsSpan("step ".Length), CultureInfo.InvariantCulture);
                if (step < StepsMax) cause.Emit(Step(task, step + 1));
                else cause.Emit(new TaskCompleted(task, $"in {step} steps"));
                break;
        }
    }

    private static TaskProgressed Step(EventId task, int step) => new(task, $"step {step}", 100 * step / StepsMax);
}
