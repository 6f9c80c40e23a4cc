using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class MembershipRuleTests
{
    private readonly TestTavern _tavern = new(seed: 1);
    private readonly TestAgent _jake;
    private readonly TestAgent _gandalf;

    public MembershipRuleTests() => (_jake, _gandalf) = (_tavern.Jake, _tavern.Jake.Spawn("gandalf"));

    [Fact, Trait("Rule", RuleIds.TavernFoundedOnce)]
    public void A_tavern_is_founded_once()
    {
        var again = _gandalf.Write(new TavernFounded("Another", "gandalf", _gandalf.PublicKey, [1]));
        var view = _tavern.View();
        view.Tavern.Says("The Tavern", _jake.Chain[1], RuleIds.TavernFoundedOnce);
        Assert.Equal(_jake.Id, view.Founder);
        view.Ignores(again, RuleIds.TavernFoundedOnce);
    }

    [Fact, Trait("Rule", RuleIds.SpawnKey)]
    public void A_spawn_whose_key_is_another_agents_is_ignored()
    {
        var forged = _gandalf.Write(new AgentSpawned(new AgentId(7), "saruman", _gandalf.PublicKey));
        var view = _tavern.View();
        view.Ignores(forged, RuleIds.SpawnKey);
        Assert.False(view.Agents.ContainsKey(new AgentId(7)));
    }

    [Fact, Trait("Rule", RuleIds.SpawnOneParent)]
    public void Of_two_spawns_the_one_counts_that_the_agents_first_record_names()
    {
        var signer = _tavern.NewSigner();
        var spawned = new AgentSpawned(AgentId.FromPublicKey(signer.PublicKey.Span), "frodo", signer.PublicKey.ToArray());
        var byJake = _jake.Write(spawned);
        _gandalf.Write(new StatusReported(AgentActivity.Idle)); // so that Jake's is the first in canonical order
        var byGandalf = _gandalf.Write(spawned);
        Assert.Equal(_jake.Id, _tavern.View().Tree.ParentOf(spawned.Agent));

        _gandalf.Welcome("frodo", signer, _gandalf.HeadHash).Write(new StatusReported(AgentActivity.Working));
        var view = _tavern.View();
        Assert.Equal(_gandalf.Id, view.Tree.ParentOf(spawned.Agent));
        Assert.Equal(byGandalf, view.Agents[spawned.Agent].SpawnedBy);
        view.Ignores(byJake, RuleIds.SpawnOneParent);
    }

    [Fact, Trait("Rule", RuleIds.NameFirst)]
    public void The_first_spawn_of_a_name_keeps_it_and_others_show_digits_of_their_id()
    {
        var later = _gandalf.Spawn("gandalf");
        var view = _tavern.View();
        Assert.Equal("gandalf", view.Names.DisplayNameOf(_gandalf.Id));
        Assert.Equal($"gandalf~{later.Id.ToString()[..4]}", view.Names.DisplayNameOf(later.Id));
        Assert.False(view.Believe(_gandalf.Id, "name")!.Contested);
    }

    [Fact, Trait("Rule", RuleIds.NameFirst)]
    public void Of_concurrent_spawns_of_a_name_the_smaller_depth_and_id_keeps_it_and_both_are_contested()
    {
        _gandalf.Write(new StatusReported(AgentActivity.Idle));
        var deeper = _gandalf.Spawn("frodo");
        var first = _jake.Spawn("frodo");
        var view = _tavern.View();
        Assert.Equal("frodo", view.Names.DisplayNameOf(first.Id));
        var belief = view.Believe(first.Id, "name")!;
        Assert.Equal(("frodo", RuleIds.NameFirst, true), (belief.Value, belief.Rule, belief.Contested));
        Assert.Equal<EventId>([_jake.Head, view.Agents[deeper.Id].SpawnedBy], belief.Candidates.AsEnumerable());
        Assert.True(view.Believe(deeper.Id, "name")!.Contested);
    }

    [Fact, Trait("Rule", RuleIds.NameValid)]
    public void An_agent_without_a_valid_name_is_spawned_and_shown_by_its_id()
    {
        var agent = _jake.Spawn("not a name");
        var view = _tavern.View();
        Assert.Equal($"~{agent.Id.ToString()[..4]}", view.Names.DisplayNameOf(agent.Id));
        Assert.Equal(RuleIds.NameValid, view.Believe(agent.Id, "name")!.Rule);
    }

    [Fact, Trait("Rule", RuleIds.WriterNotSpawned)]
    public void An_agent_whose_spawn_is_late_does_not_count()
    {
        var last = _gandalf.Write(new StatusReported(AgentActivity.Working));
        _jake.Hear(_gandalf).Write(new AgentRetired(_gandalf.Id, last.Sequence, _gandalf.HeadHash));
        var frodo = _gandalf.Spawn("frodo");
        var said = frodo.Write(new StatusReported(AgentActivity.Working));
        var unknown = frodo.WriteRaw("RingFound", "{}");
        var view = _tavern.View();
        view.Ignores(_gandalf.Head, RuleIds.RetireLate);
        view.Ignores(said, RuleIds.WriterNotSpawned);
        view.Ignores(unknown, RuleIds.WriterNotSpawned);
        Assert.False(view.Agents.ContainsKey(frodo.Id));
    }

    [Fact, Trait("Rule", RuleIds.RetireSelfOrAncestor)]
    public void Only_an_agent_itself_or_an_ancestor_retires_it()
    {
        var frodo = _gandalf.Spawn("frodo");
        var legolas = _jake.Spawn("legolas").Hear(frodo);
        var byStranger = legolas.Hear(_gandalf).Write(new AgentRetired(frodo.Id, 1, default));
        Assert.Null(_tavern.View().Agents[frodo.Id].Retired);
        var byRoot = _jake.Hear(legolas).Write(new AgentRetired(frodo.Id, 1, default, "done with"));
        var view = _tavern.View();
        view.Ignores(byStranger, RuleIds.RetireSelfOrAncestor);
        view.Agents[frodo.Id].Retired.Says("done with", byRoot, RuleIds.RetireSelfOrAncestor);
        Assert.Equal("yes", view.Believe(frodo.Id, "retired")!.Value);
        Assert.Equal("no", view.Believe(_gandalf.Id, "retired")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.RetireLate)]
    public void What_a_retired_agent_writes_after_its_last_sequence_is_late_wherever_it_stands_in_the_order()
    {
        var counts = _gandalf.Write(new StatusReported(AgentActivity.Working));
        var late = _gandalf.Write(new StatusReported(AgentActivity.Done));
        for (var i = 0; i < 5; i++) _jake.Write(new StatusReported(AgentActivity.Idle)); // deeper than the late event
        var retirement = _jake.Hear(_gandalf, segmentsMax: 1).Write(new AgentRetired(_gandalf.Id, counts.Sequence, default));
        var view = _tavern.View();
        view.Ignores(late, RuleIds.RetireLate);
        view.Agents[_gandalf.Id].State.Says(AgentState.Retired, retirement, RuleIds.StateRetired);
    }

    [Fact, Trait("Rule", RuleIds.RetireLate)]
    public void An_agent_that_retires_itself_takes_nothing_back()
    {
        var said = _gandalf.Write(new TaskCreated("kept"));
        var retirement = _gandalf.Write(new AgentRetired(_gandalf.Id, 0, default));
        var late = _gandalf.Write(new TaskCreated("late"));
        var view = _tavern.View();
        Assert.True(view.Tasks.ContainsKey(said));
        view.Agents[_gandalf.Id].State.Says(AgentState.Retired, retirement, RuleIds.StateRetired);
        view.Ignores(late, RuleIds.RetireLate);
    }

    [Fact, Trait("Rule", RuleIds.RetireLate)]
    public void A_retirement_that_is_late_itself_retires_nobody()
    {
        var frodo = _gandalf.Spawn("frodo");
        var last = _gandalf.Head.Sequence;
        var byLate = _gandalf.Hear(frodo).Write(new AgentRetired(frodo.Id, 1, default));
        _jake.Write(new AgentRetired(_gandalf.Id, last, default));
        var said = frodo.Write(new StatusReported(AgentActivity.Working), new StatusReported(AgentActivity.Waiting));
        var view = _tavern.View();
        view.Ignores(byLate, RuleIds.RetireLate);
        view.Agents[frodo.Id].State.Says(AgentState.Waiting, said, RuleIds.StateLastSaid);
    }

    [Fact, Trait("Rule", RuleIds.RetireLate)]
    public void A_retirement_before_the_first_sequence_leaves_nothing_even_of_what_was_folded_before()
    {
        var said = _gandalf.Write(new TaskCreated("late"));
        Assert.Single(_tavern.View().Tasks);
        _jake.Write(new AgentRetired(_gandalf.Id, -7, default));
        var runner = new ViewRunner(_tavern.Index());
        foreach (var record in _tavern.Records.Values)
        {
            runner.Add(record);
            runner.Read(_tavern.Read);
        }

        runner.Read(_tavern.Read).State.Ignores(said, RuleIds.RetireLate);
    }

    [Fact, Trait("Rule", RuleIds.RekeyAncestor)]
    public void Only_an_ancestor_gives_an_agent_a_new_key()
    {
        var key = _tavern.NewSigner().PublicKey.ToArray();
        var own = _gandalf.Write(new AgentRekeyed(_gandalf.Id, key, 0, default));
        var byJake = _jake.Write(new AgentRekeyed(_gandalf.Id, key, 0, default));
        var view = _tavern.View();
        view.Ignores(own, RuleIds.RekeyAncestor);
        view.Agents[_gandalf.Id].Rekeyed.Says(AgentId.FromPublicKey(key), byJake, RuleIds.RekeyAncestor);
    }

    [Fact, Trait("Rule", RuleIds.EpochFirstRecord)]
    public void An_epoch_starts_with_its_first_record_only()
    {
        var misplaced = _gandalf.Write(new EpochStarted(1, 0, default));
        var start = _gandalf.LoseDisk(_gandalf.Delivered.Count);
        var view = _tavern.View();
        view.Ignores(misplaced, RuleIds.EpochFirstRecord);
        view.Agents[_gandalf.Id].Epoch.Says(2, start, RuleIds.EpochFirstRecord);
        Assert.Equal(("2", "1"), (view.Believe(_gandalf.Id, "epoch")!.Value, view.Believe(_jake.Id, "epoch")!.Value));
    }

    [Fact, Trait("Rule", RuleIds.EpochSuperseded)]
    public void What_a_new_epoch_did_not_recover_does_not_count()
    {
        var kept = _gandalf.Write(new TaskCreated("kept"));
        var lost = _gandalf.Write(new TaskCreated("lost"));
        _jake.Hear(_gandalf);
        _gandalf.LoseDisk(_gandalf.Delivered.Count - 1);
        var view = _tavern.View();
        Assert.True(view.Tasks.ContainsKey(kept));
        view.Ignores(lost, RuleIds.EpochSuperseded);
    }

    [Fact, Trait("Rule", RuleIds.ForkTwoRecords)]
    public void A_fork_is_shown_when_both_headers_are_different_records_of_the_place()
    {
        var (a, b) = (_tavern.Read(_gandalf.Write(new TaskCreated("a"))), _tavern.Read(_jake.Chain[1]));
        var other = (a.Header with { Type = "TaskStarted" }).Encode();
        var place = a.Id;
        var wrong = _jake.Hear(_gandalf).Write(new ForkDetected(place.Agent, 1, place.Sequence, a.HeaderBytes.ToArray(), [], b.HeaderBytes.ToArray(), []));
        var same = _jake.Write(new ForkDetected(place.Agent, 1, place.Sequence, a.HeaderBytes.ToArray(), [], a.HeaderBytes.ToArray(), []));
        var garbage = _jake.Write(new ForkDetected(place.Agent, 1, place.Sequence, [1, 2, 3], [], a.HeaderBytes.ToArray(), []));
        var right = _jake.Write(new ForkDetected(place.Agent, 1, place.Sequence, a.HeaderBytes.ToArray(), [], other, []));
        var view = _tavern.View();
        foreach (var ignored in new[] { wrong, same, garbage }) view.Ignores(ignored, RuleIds.ForkTwoRecords);
        view.Agents[_gandalf.Id].Fork.Says(place, right, RuleIds.ForkTwoRecords);
    }
}
