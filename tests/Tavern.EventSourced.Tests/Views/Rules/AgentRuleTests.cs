using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class AgentRuleTests
{
    private readonly TestTavern _tavern = new(seed: 2);
    private readonly TestAgent _jake;
    private readonly TestAgent _gandalf;

    public AgentRuleTests() => (_jake, _gandalf) = (_tavern.Jake, _tavern.Jake.Spawn("gandalf"));

    private AgentView Gandalf => _tavern.View().Agents[_gandalf.Id];

    [Fact, Trait("Rule", RuleIds.StateSpawned)]
    public void An_agent_that_said_nothing_is_idle_by_its_spawn() =>
        Gandalf.State.Says(AgentState.Idle, _jake.Head, RuleIds.StateSpawned);

    [Fact, Trait("Rule", RuleIds.StateLastSaid)]
    public void An_agents_state_is_what_it_last_said()
    {
        _gandalf.Write(new StatusReported(AgentActivity.Done));
        var last = _gandalf.Write(new StatusReported(AgentActivity.Waiting));
        Gandalf.State.Says(AgentState.Waiting, last, RuleIds.StateLastSaid);
        var belief = _tavern.View().Believe(_gandalf.Id, "state")!;
        Assert.Equal(("waiting", last, RuleIds.StateLastSaid, false), (belief.Value, belief.DecidedBy, belief.Rule, belief.Contested));
    }

    [Fact, Trait("Rule", RuleIds.StateRetired)]
    public void Retired_counts_against_what_the_agent_says_concurrently_and_is_contested()
    {
        var retirement = _jake.Write(new AgentRetired(_gandalf.Id, 10, default));
        for (var i = 0; i < 3; i++) _gandalf.Write(new StatusReported(AgentActivity.Working));
        Gandalf.State.Says(AgentState.Retired, retirement, RuleIds.StateRetired, contested: true);
        Assert.Equal([retirement, _gandalf.Head], Gandalf.State.Candidates.Select(candidate => candidate.Event));
    }

    [Fact, Trait("Rule", RuleIds.NoteLastSaid)]
    public void A_note_goes_with_the_last_status()
    {
        Assert.Null(_tavern.View().Believe(_gandalf.Id, "note"));
        var first = _gandalf.Write(new StatusReported(AgentActivity.Working, "reading"));
        Gandalf.Note.Says("reading", first, RuleIds.NoteLastSaid);
        var second = _gandalf.Write(new StatusReported(AgentActivity.Working));
        Gandalf.Note.Says(null, second, RuleIds.NoteLastSaid);
        Assert.Equal("", _tavern.View().Believe(_gandalf.Id, "note")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.WorkingOnLastSaid)]
    public void An_agent_works_on_the_task_it_last_named_until_it_is_idle_or_done()
    {
        var (a, b) = (_jake.Write(new TaskCreated("a")), _jake.Write(new TaskCreated("b")));
        var started = _gandalf.Hear(_jake).Write(new TaskStarted(a));
        Gandalf.Task.Says(a, started, RuleIds.WorkingOnLastSaid);
        var status = _gandalf.Write(new StatusReported(AgentActivity.Working, Task: b));
        _gandalf.Write(new StatusReported(AgentActivity.Waiting));
        Gandalf.Task.Says(b, status, RuleIds.WorkingOnLastSaid);
        Assert.Equal(b.ToString(), _tavern.View().Believe(_gandalf.Id, "task")!.Value);
        var idle = _gandalf.Write(new StatusReported(AgentActivity.Idle));
        Gandalf.Task.Says(null, idle, RuleIds.WorkingOnLastSaid);
        Assert.Equal("none", _tavern.View().Believe(_gandalf.Id, "task")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.EndpointLastSaid)]
    public void An_agent_is_reached_where_it_last_said()
    {
        _gandalf.Write(new EndpointAnnounced(["https://a.example"]));
        var last = _gandalf.Write(new EndpointAnnounced(["https://b.example", "https://c.example"]));
        Gandalf.Endpoint.Says(new Endpoint(["https://b.example", "https://c.example"]), last, RuleIds.EndpointLastSaid);
        Assert.Equal("https://b.example https://c.example", _tavern.View().Believe(_gandalf.Id, "endpoint")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.EndpointLastSaid)]
    public void A_null_among_the_addresses_is_dropped()
    {
        var said = _gandalf.WriteRaw(nameof(EndpointAnnounced), """{"addresses":[null,"https://a.example"]}""");
        Gandalf.Endpoint.Says(new Endpoint(["https://a.example"]), said, RuleIds.EndpointLastSaid);
    }

    [Fact, Trait("Rule", RuleIds.CompleteAllVerified)]
    public void Done_is_a_claim_until_every_commitment_is_verified()
    {
        _gandalf.Write(new StatusReported(AgentActivity.Done));
        Assert.False(Gandalf.IsComplete); // nothing was promised, so nothing can be proven
        var (first, second) = (_gandalf.Write(new CommitmentMade("a")), _gandalf.Write(new CommitmentMade("b")));
        foreach (var commitment in ImmutableArray.Create(first, second))
        {
            Assert.False(Gandalf.IsComplete);
            var claim = _gandalf.Write(new CommitmentClaimed(commitment));
            _jake.Hear(_gandalf).Write(new VerificationRecorded(claim, VerificationOutcome.Pass));
        }

        Assert.True(Gandalf.IsComplete);
        var belief = _tavern.View().Believe(_gandalf.Id, "commitments")!;
        Assert.Equal(("2/2", _jake.Head, RuleIds.CompleteAllVerified), (belief.Value, belief.DecidedBy, belief.Rule));
        _gandalf.Write(new StatusReported(AgentActivity.Working));
        Assert.False(Gandalf.IsComplete);
    }

    [Fact, Trait("Rule", RuleIds.CompleteAllVerified)]
    public void Taking_back_a_commitment_leaves_the_figures_only_before_it_was_claimed()
    {
        var (early, late) = (_gandalf.Write(new CommitmentMade("a")), _gandalf.Write(new CommitmentMade("b")));
        _gandalf.Write(new CommitmentWithdrawn(early));
        Assert.Equal("0/1", _tavern.View().Believe(_gandalf.Id, "commitments")!.Value);
        _gandalf.Write(new CommitmentClaimed(late));
        _gandalf.Write(new CommitmentWithdrawn(late));
        Assert.Equal("0/1", _tavern.View().Believe(_gandalf.Id, "commitments")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.EventUnknownType)]
    public void Unknown_types_are_counted_and_never_folded()
    {
        var before = Gandalf;
        var coffee = _gandalf.WriteRaw("CoffeeBrewed", """{"cups":3}""");
        _gandalf.WriteRaw("CoffeeBrewed", "{}");
        var view = _tavern.View();
        view.Ignores(coffee, RuleIds.EventUnknownType);
        Assert.Equal(2, view.UnknownTypes["CoffeeBrewed"]);
        Assert.Equal(before.State.DecidedBy, view.Agents[_gandalf.Id].State.DecidedBy);
    }

    [Theory, Trait("Rule", RuleIds.EventUnreadable)]
    [InlineData("""{"title":42}""", 1)]
    [InlineData("""{}""", 1)]
    [InlineData("""{"title":"\ud800"}""", 1)]
    [InlineData("""{"title":"from the future"}""", 9)]
    public void Catalogue_events_that_cannot_be_read_are_ignored(string json, int version)
    {
        var unreadable = _gandalf.WriteRaw(nameof(TaskCreated), json, version);
        var view = _tavern.View();
        view.Ignores(unreadable, RuleIds.EventUnreadable);
        Assert.Empty(view.Tasks);
    }

    [Fact, Trait("Rule", RuleIds.ReferenceInPast)]
    public void What_an_event_names_must_exist_in_its_past()
    {
        var task = _jake.Write(new TaskCreated("not heard of"));
        EventId[] guesses =
        [
            _gandalf.Write(new TaskStarted(task)),
            _gandalf.Write(new TaskCancelled(_jake.Chain[99])),
            _gandalf.Write(new TaskStarted(_jake.Chain[1])),
            _gandalf.Write(new CommitmentClaimed(task)),
            _gandalf.Write(new VerificationRecorded(task, VerificationOutcome.Pass)),
            _gandalf.Write(new QuestionAnswered(task, "42")),
            _gandalf.Write(new AgentRetired(new AgentId(7), 1, default)),
        ];
        var view = _tavern.View();
        foreach (var guess in guesses) view.Ignores(guess, RuleIds.ReferenceInPast);
        Assert.Equal(TaskState.Created, view.Tasks[task].State.Value);
    }

    [Fact]
    public void A_belief_about_an_unknown_agent_or_field_is_none()
    {
        Assert.Null(_tavern.View().Believe(new AgentId(7), "state"));
        Assert.Null(_tavern.View().Believe(_gandalf.Id, "shoe-size"));
    }
}
