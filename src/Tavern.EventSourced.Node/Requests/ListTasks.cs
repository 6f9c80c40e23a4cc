using MediatR;
using Tavern.EventSourced.Views;

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
/// <param name="Assignees">Whom it was given to; an assignment is not a lock.</param>
/// <param name="Starters">Who works on it.</param>
/// <param name="Commitments">Promises that are part of it.</param>
/// <param name="Progress">What was last said about it; null for nothing.</param>
/// <param name="Percent">0 to 100; null when not known.</param>
/// <param name="Result">The result that counts; null while there is none.</param>
/// <param name="State">Where it stands, with its evidence: <c>created</c>, <c>assigned</c>, <c>started</c>, <c>progress</c>,
/// <c>failed</c>, <c>completed</c>, <c>cancelled</c>.</param>
/// <param name="ProgressEvidence">What stands behind <paramref name="Progress"/> and <paramref name="Percent"/>; null without them.</param>
public sealed record TaskLine(
    EventRef Task,
    string Title,
    AgentRef CreatedBy,
    IReadOnlyList<AgentRef> Assignees,
    IReadOnlyList<AgentRef> Starters,
    IReadOnlyList<EventRef> Commitments,
    string? Progress,
    int? Percent,
    TaskOutcome? Result,
    Belief State,
    Evidence? ProgressEvidence);

/// <summary>What came out of a task.</summary>
/// <param name="By">Who says so.</param>
/// <param name="Text">The result; null when none was given.</param>
/// <param name="Event">The event that says so.</param>
/// <param name="Contested">True when others say something else.</param>
/// <param name="Rule">Id of the rule that let it win.</param>
public sealed record TaskOutcome(AgentRef By, string? Text, EventRef Event, bool Contested, string Rule);

internal sealed class ListTasksHandler(Observers observers) : IRequestHandler<ListTasks, TasksAnswer>
{
    public async Task<TasksAnswer> Handle(ListTasks request, CancellationToken cancellationToken) => await observers.ReadAsync(
        request.Observer,
        now =>
        {
            var witness = now.AsOf(request.AsOf);
            var commitments = witness.View.Commitments.Values.Where(commitment => commitment.Task is not null)
                .ToLookup(commitment => commitment.Task!.Value);
            var causality = witness.History.Causality;
            return new TasksAnswer(
                witness.Reading,
                [
                    .. witness.View.Tasks.Values.OrderBy(task => causality.DepthOf(task.Id)).ThenBy(task => task.Id)
                        .Select(task => Line(witness, task, [.. commitments[task.Id]])),
                ]);
        },
        cancellationToken);

    private static TaskLine Line(Witness witness, TaskView task, IReadOnlyList<CommitmentView> commitments)
    {
        var state = task.State;
        var standing = state.Value is not TaskState.Completed ? StandingWords.Said
            : commitments.Count > 0 && commitments.All(commitment => commitment.State.Value is CommitmentState.Verified) ? StandingWords.Complete
            : StandingWords.Claimed;
        var progress = task.Progress?.Value;
        return new TaskLine(
            witness.Of(task.Id),
            task.Title.Value,
            witness.Of(task.Creator),
            witness.Of(task.Assignees.Keys),
            witness.Of(task.Starters.Keys),
            witness.Of(commitments.Select(commitment => commitment.Id)),
            progress?.Note,
            progress?.Percent,
            task.Result is { } result
                ? new TaskOutcome(witness.Of(result.Value.By), result.Value.Text, witness.Of(result.DecidedBy), result.Contested, result.Rule)
                : null,
            witness.Believe("state", state, value => value.ToString().ToLowerInvariant(), standing),
            task.Progress is { } advance ? witness.Believe("progress", advance, value => value.Note).Evidence : null);
    }
}
