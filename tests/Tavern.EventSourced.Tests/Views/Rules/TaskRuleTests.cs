using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class TaskRuleTests
{
    private readonly TestTavern _tavern = new(seed: 3);
    private readonly TestAgent _jake;
    private readonly TestAgent _gandalf;
    private readonly TestAgent _frodo;
    private readonly EventId _id;

    public TaskRuleTests()
    {
        _jake = _tavern.Jake;
        (_gandalf, _frodo) = (_jake.Spawn("gandalf"), _jake.Spawn("frodo"));
        _id = _gandalf.Write(new TaskCreated("Sweep", "the bar"));
        _frodo.Hear(_gandalf);
        _jake.Hear(_gandalf);
    }

    private TaskView Task => _tavern.View().Tasks[_id];

    [Fact, Trait("Rule", RuleIds.TaskTitle)]
    public void A_task_has_the_title_it_was_created_with()
    {
        Task.Title.Says("Sweep", _id, RuleIds.TaskTitle);
        Task.State.Says(TaskState.Created, _id, RuleIds.TaskState);
        Assert.Equal((_gandalf.Id, "the bar"), (Task.Creator, Task.Description));
    }

    [Fact, Trait("Rule", RuleIds.TaskAssign)]
    public void The_creator_the_assignee_and_their_ancestors_assign()
    {
        var gimli = _jake.Spawn("gimli").Hear(_jake);
        var byStranger = gimli.Write(new TaskAssigned(_id, _frodo.Id));
        _tavern.View().Ignores(byStranger, RuleIds.TaskAssign);
        var byCreator = _gandalf.Write(new TaskAssigned(_id, _frodo.Id));
        Task.State.Says(TaskState.Assigned, byCreator, RuleIds.TaskAssign);
        var bySelf = gimli.Write(new TaskAssigned(_id, gimli.Id));
        var byRoot = _jake.Write(new TaskAssigned(_id, _jake.Id));
        Assert.Equal(3, Task.Assignees.Count);
        Assert.Equal((byRoot, byCreator, bySelf), (Task.Assignees[_jake.Id], Task.Assignees[_frodo.Id], Task.Assignees[gimli.Id]));
    }

    [Fact, Trait("Rule", RuleIds.TaskAssign)]
    public void An_assignment_does_not_take_back_a_start()
    {
        var started = _gandalf.Write(new TaskStarted(_id));
        _gandalf.Write(new TaskAssigned(_id, _frodo.Id));
        Task.State.Says(TaskState.Started, started, RuleIds.TaskState);
    }

    [Fact, Trait("Rule", RuleIds.TaskStart)]
    public void Two_starters_are_both_shown()
    {
        _gandalf.Write(new TaskAssigned(_id, _gandalf.Id));
        var (first, second) = (_gandalf.Write(new TaskStarted(_id)), _frodo.Write(new TaskStarted(_id)));
        _gandalf.Write(new TaskStarted(_id));
        Assert.Equal(first, Task.Starters[_gandalf.Id].Event);
        Assert.Equal(second, Task.Starters[_frodo.Id].Event);
    }

    [Fact, Trait("Rule", RuleIds.TaskWorker)]
    public void Only_starters_and_assignees_speak_about_the_work()
    {
        EventId[] ignored =
        [
            _frodo.Write(new TaskProgressed(_id, "half")),
            _frodo.Write(new TaskCompleted(_id)),
            _frodo.Write(new TaskFailed(_id, "tired")),
        ];
        foreach (var id in ignored) _tavern.View().Ignores(id, RuleIds.TaskWorker);
        _frodo.Write(new TaskStarted(_id));
        var failed = _frodo.Write(new TaskFailed(_id, "tired"));
        Task.State.Says(TaskState.Failed, failed, RuleIds.TaskState);
    }

    [Fact, Trait("Rule", RuleIds.TaskState)]
    public void Of_concurrent_statements_the_further_one_counts_and_of_ordered_ones_the_last()
    {
        _frodo.Write(new TaskStarted(_id));
        _gandalf.Write(new TaskStarted(_id));
        var completed = _frodo.Write(new TaskCompleted(_id));
        for (var i = 0; i < 3; i++) _gandalf.Write(new TaskProgressed(_id, "still at it"));
        Task.State.Says(TaskState.Completed, completed, RuleIds.TaskState, contested: true);
        var informed = _gandalf.Hear(_frodo).Write(new TaskProgressed(_id, "doing it again"));
        Task.State.Says(TaskState.Progress, informed, RuleIds.TaskState);
    }

    [Fact, Trait("Rule", RuleIds.TaskProgress)]
    public void Progress_is_what_was_last_reported()
    {
        _gandalf.Write(new TaskStarted(_id));
        _gandalf.Write(new TaskProgressed(_id, "half", 50));
        var last = _gandalf.Write(new TaskProgressed(_id, "more than all", 120));
        Task.Progress.Says(new TaskAdvance("more than all", null), last, RuleIds.TaskProgress);
    }

    [Fact, Trait("Rule", RuleIds.TaskResult)]
    public void Of_concurrent_results_the_first_starters_counts()
    {
        _frodo.Write(new TaskStarted(_id));
        var first = _frodo.Write(new TaskCompleted(_id, "clean"));
        for (var i = 0; i < 4; i++) _gandalf.Write(new StatusReported(AgentActivity.Idle)); // starts deeper
        _gandalf.Write(new TaskStarted(_id));
        _gandalf.Write(new TaskCompleted(_id, "cleaner"));
        Assert.Equal(("clean", first, RuleIds.TaskResult, true), (Task.Result!.Value.Text, Task.Result.DecidedBy, Task.Result.Rule, Task.Result.Contested));
        Assert.Equal(2, Task.Result.Candidates.Length);
    }

    [Fact, Trait("Rule", RuleIds.TaskResult)]
    public void An_assignees_result_counts_before_that_of_an_earlier_starter()
    {
        _frodo.Write(new TaskStarted(_id));
        _frodo.Write(new TaskCompleted(_id, "clean"));
        _gandalf.Write(new TaskAssigned(_id, _gandalf.Id));
        for (var i = 0; i < 4; i++) _gandalf.Write(new StatusReported(AgentActivity.Idle));
        var assigned = _gandalf.Write(new TaskCompleted(_id, "cleaner"));
        Assert.Equal(assigned, Task.Result!.DecidedBy);
    }

    [Fact, Trait("Rule", RuleIds.TaskCancel)]
    public void Only_the_creator_and_its_ancestors_cancel()
    {
        var byStranger = _frodo.Write(new TaskCancelled(_id));
        _tavern.View().Ignores(byStranger, RuleIds.TaskCancel);
        var byAncestor = _jake.Write(new TaskCancelled(_id));
        Task.State.Says(TaskState.Cancelled, byAncestor, RuleIds.TaskState);
    }

    [Fact, Trait("Rule", RuleIds.TaskCancelledFinal)]
    public void Nothing_counts_that_is_said_in_the_knowledge_of_a_cancellation()
    {
        _frodo.Write(new TaskStarted(_id));
        var cancelled = _gandalf.Write(new TaskCancelled(_id));
        _frodo.Write(new TaskProgressed(_id, "did not know"));
        Task.State.Says(TaskState.Cancelled, cancelled, RuleIds.TaskState, contested: true);
        var knowing = _frodo.Hear(_gandalf).Write(new TaskCompleted(_id));
        _tavern.View().Ignores(knowing, RuleIds.TaskCancelledFinal);
        Assert.Null(Task.Result);
    }
}
