using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

public class ForkRuleTests
{
    private readonly TestTavern _tavern = new(seed: 1);
    private readonly TestAgent _jake;
    private readonly TestAgent _gandalf;

    public ForkRuleTests() => (_jake, _gandalf) = (_tavern.Jake, _tavern.Jake.Spawn("gandalf"));

    private AgentView Gandalf => _tavern.View().Agents[_gandalf.Id];

    [Fact, Trait("Rule", RuleIds.ForkQuarantined)]
    public void What_both_lines_share_counts_and_nothing_above_it_on_either()
    {
        var shared = _gandalf.Write(new TaskCreated("shared"));
        var other = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("a"), new TaskCreated("b"));
        Assert.Equal(3, _tavern.View().Tasks.Count); // one line alone is no fork
        other.Write(new TaskCreated("c"));
        var view = _tavern.View();
        Assert.Equal([shared], view.Tasks.Keys);
        var fork = Assert.Single(view.Agents[_gandalf.Id].Forks).Value;
        Assert.Equal((1, 1L, 3L), (fork.Epoch, fork.LastShared, fork.Quarantined));
        Assert.Equal(3, view.IgnoredByRule[RuleIds.ForkQuarantined]);
        Assert.Empty(view.Ignored.Items);
    }

    [Fact, Trait("Rule", RuleIds.ForkQuarantined)]
    public void A_cut_that_holds_one_line_folds_it_whatever_its_number()
    {
        _gandalf.Write(new TaskCreated("shared"));
        var other = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("first held"));
        var second = other.Write(new TaskCreated("second held"));
        Assert.Equal(1, second.Branch);
        var whole = new ViewRunner(_tavern.Index());
        foreach (var record in _tavern.Records.Values) whole.Add(record);
        Assert.Single(whole.Read(_tavern.Read).State.Tasks);
        Assert.Equal(["shared", "second held"], whole.At(other.Clock).Read(_tavern.Read).State.Tasks.Values.Select(task => task.Title.Value));
        Assert.Equal(["shared", "first held"], whole.At(_gandalf.Clock).Read(_tavern.Read).State.Tasks.Values.Select(task => task.Title.Value));
    }

    [Fact, Trait("Rule", RuleIds.ForkQuarantined)]
    public void A_late_line_takes_back_what_was_folded_and_a_lower_fork_takes_back_more()
    {
        var low = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("1"));
        var high = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("2"));
        high.Write(new TaskCreated("3"));
        low.Write(new TaskCreated("4"));
        var (index, titles) = (new CausalIndex(), new List<string>());
        var runner = new ViewRunner(index);
        foreach (var segment in _tavern.Segments)
        {
            _tavern.Branches.Append(index, segment);
            foreach (var record in segment.Records) runner.Add(record);
            titles.Add(string.Join(' ', runner.Read(_tavern.Read).State.Tasks.Values.Select(task => task.Title.Value)));
        }

        Assert.Equal(["", "", "1", "1 2", "1", ""], titles);
    }

    [Fact, Trait("Rule", RuleIds.ForkQuarantined)]
    public void Honest_work_that_builds_on_a_line_counts_but_for_what_it_says_of_it()
    {
        var other = _gandalf.Fork();
        var task = _gandalf.Write(new TaskCreated("quarantined"));
        other.Write(new TaskCreated("too"));
        var started = _jake.Hear(_gandalf).Write(new TaskStarted(task));
        var own = _jake.Write(new TaskCreated("own"));
        var view = _tavern.View();
        view.Ignores(started, RuleIds.ReferenceInPast);
        Assert.Equal([own], view.Tasks.Keys);
    }

    [Fact, Trait("Rule", RuleIds.ReferenceInPast)]
    public void A_reference_means_the_record_in_the_past_of_the_event_whatever_the_number_of_its_line()
    {
        var other = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("never heard of by frodo"));
        var task = other.Write(new TaskCreated("heard of"));
        var frodo = _jake.Spawn("frodo");
        frodo.Hear(other).Write(new TaskStarted(task.Main));
        var runner = new ViewRunner(_tavern.Index());
        foreach (var record in _tavern.Records.Values) runner.Add(record);
        var view = runner.At(frodo.Clock).Read(_tavern.Read).State;
        Assert.Equal((1, task), (task.Branch, view.Tasks.Keys.Single()));
        Assert.Equal([frodo.Id], view.Tasks[task].Starters.Keys);
        Assert.Equal(task.Main.ToString(), view.Believe(frodo.Id, "task")!.Value);
    }

    [Fact, Trait("Rule", RuleIds.ForkQuarantined)]
    public void What_a_quarantined_event_decides_does_not_count()
    {
        var frodo = _gandalf.Spawn("frodo");
        var other = _gandalf.Fork();
        other.Write(new StatusReported(AgentActivity.Idle));
        _gandalf.Hear(frodo).Write(new AgentRetired(frodo.Id, 0, default));
        var sam = _gandalf.Spawn("sam");
        var bySam = sam.Write(new StatusReported(AgentActivity.Working));
        var byFrodo = frodo.Write(new StatusReported(AgentActivity.Working));
        var view = _tavern.View();
        view.Agents[frodo.Id].State.Says(AgentState.Working, byFrodo, RuleIds.StateLastSaid);
        view.Ignores(bySam, RuleIds.WriterNotSpawned);

        _jake.Write(new AgentSpawned(sam.Id, "sam", sam.PublicKey)); // an ancestor takes sam in
        Assert.Equal(_jake.Id, _tavern.View().Tree.ParentOf(sam.Id));
        Assert.Equal((AgentState.Working, bySam), (_tavern.View().Agents[sam.Id].State.Value, _tavern.View().Agents[sam.Id].State.DecidedBy));
    }

    [Fact, Trait("Rule", RuleIds.ForkTwoRecords)]
    public void The_proof_of_a_fork_stands_beside_what_is_quarantined()
    {
        var other = _gandalf.Fork();
        var (a, b) = (_tavern.Read(_gandalf.Write(new TaskCreated("a"))), _tavern.Read(other.Write(new TaskCreated("b"))));
        var proof = _jake.Hear(_gandalf).Hear(other).Write(
            new ForkDetected(_gandalf.Id, 1, a.Id.Sequence, a.HeaderBytes.ToArray(), [], b.HeaderBytes.ToArray(), []));
        var fork = Gandalf.Forks[1];
        fork.Proof.Says(a.Id.Main, proof, RuleIds.ForkTwoRecords);
        Assert.Equal((0L, 2L), (fork.LastShared!.Value, fork.Quarantined));
    }

    [Fact, Trait("Rule", RuleIds.EpochEndorsedAfterFork)]
    public void After_a_fork_a_new_epoch_waits_until_an_ancestor_endorses_it_and_then_counts_from_its_beginning()
    {
        var other = _gandalf.Fork();
        _gandalf.Write(new TaskCreated("a"));
        var start = _gandalf.LoseDisk(_gandalf.Delivered.Count);
        var task = _gandalf.Write(new TaskCreated("new epoch"));
        Assert.Equal(2, _tavern.View().Tasks.Count); // no fork yet: no epoch needs it
        other.Write(new TaskCreated("b"));
        var view = _tavern.View();
        view.Ignores(start, RuleIds.EpochEndorsedAfterFork);
        view.Ignores(task, RuleIds.EpochEndorsedAfterFork);
        Assert.Equal([2], Gandalf.Waiting);
        Assert.Null(Gandalf.Epoch);

        var frodo = _gandalf.Spawn("frodo");
        var hash = _tavern.Read(start).Hash;
        var byChild = frodo.Write(new EpochEndorsed(_gandalf.Id, 2, hash));
        var byItself = _gandalf.Write(new EpochEndorsed(_gandalf.Id, 2, hash));
        var ofAnother = _jake.Hear(_gandalf).Write(new EpochEndorsed(_gandalf.Id, 2, _tavern.Read(task).Hash));
        _tavern.View().Ignores(byItself, RuleIds.EpochEndorsedAfterFork);
        _tavern.View().Ignores(byChild, RuleIds.WriterNotSpawned);
        Assert.Equal([2], Gandalf.Waiting);
        Gandalf.Endorsed[2].Says(_tavern.Read(task).Hash, ofAnother, RuleIds.EpochEndorsedAfterFork);

        var endorsed = _jake.Write(new EpochEndorsed(_gandalf.Id, 2, hash));
        view = _tavern.View();
        Assert.Empty(Gandalf.Waiting);
        Assert.Equal([task], view.Tasks.Keys);
        Gandalf.Epoch.Says(2, start, RuleIds.EpochFirstRecord);
        Gandalf.Endorsed[2].Says(hash, endorsed, RuleIds.EpochEndorsedAfterFork);
        Assert.True(view.Agents.ContainsKey(frodo.Id)); // spawned in the epoch that counts by now
        view.Ignores(byChild, RuleIds.EpochEndorsedAfterFork);
    }

    [Fact, Trait("Rule", RuleIds.EpochEndorsedAfterFork)]
    public void An_endorsement_by_an_ancestor_that_does_not_count_endorses_nothing()
    {
        var frodo = _gandalf.Spawn("frodo");
        var other = frodo.Fork();
        frodo.Write(new TaskCreated("a"));
        other.Write(new TaskCreated("b"));
        var start = frodo.LoseDisk(frodo.Delivered.Count);
        var twin = _gandalf.Fork();
        _gandalf.Hear(frodo).Write(new EpochEndorsed(frodo.Id, 2, _tavern.Read(start).Hash));
        Assert.Empty(_tavern.View().Agents[frodo.Id].Waiting);
        twin.Write(new TaskCreated("makes the endorsement a quarantined event"));
        Assert.Equal([2], _tavern.View().Agents[frodo.Id].Waiting);
    }

    [Fact, Trait("Rule", RuleIds.EpochEndorsedAfterFork)]
    public void Nobody_endorses_an_epoch_of_the_root_but_its_recovery_key_begins_one_that_counts()
    {
        var (other, again) = (_jake.Fork(), _jake.Fork());
        _jake.Write(new TaskCreated("a"));
        other.Write(new TaskCreated("b"));
        var start = _jake.LoseDisk(_jake.Delivered.Count);
        _gandalf.Hear(_jake).Write(new EpochEndorsed(_jake.Id, 2, _tavern.Read(start).Hash));
        _jake.Write(new EpochEndorsed(_jake.Id, 2, _tavern.Read(start).Hash));
        Assert.Equal([2], _tavern.View().Agents[_jake.Id].Waiting);

        again.Recover(epoch: 3, new AgentRekeyed(_jake.Id, _jake.PublicKey, 2, default));
        var task = again.Write(new TaskCreated("by the recovery key"));
        var view = _tavern.View();
        Assert.Equal([2], view.Agents[_jake.Id].Waiting);
        Assert.Equal([task], view.Tasks.Keys);
    }

    [Fact, Trait("Rule", RuleIds.EpochEndorsedAfterFork)]
    public void An_epoch_of_the_root_that_follows_a_key_it_gave_itself_without_the_recovery_key_does_not_count()
    {
        _jake.Write(new AgentRekeyed(_jake.Id, _jake.PublicKey, 1, default));
        var (other, again) = (_jake.Fork(), _jake.Fork());
        _jake.Write(new TaskCreated("a"));
        other.Write(new TaskCreated("b"));
        again.LoseDisk(again.Delivered.Count);
        Assert.Equal([2], _tavern.View().Agents[_jake.Id].Waiting);
    }

    [Fact, Trait("Rule", RuleIds.EpochSuperseded)]
    public void What_the_old_key_of_the_root_writes_above_what_the_recovery_knew_does_not_count()
    {
        var again = _jake.Fork();
        var late = _jake.Write(new TaskCreated("by whoever has the old key"));
        var recovery = again.Recover(epoch: 2, new AgentRekeyed(_jake.Id, _gandalf.PublicKey, late.Sequence - 1, default));
        var task = again.Write(new TaskCreated("by the recovery key"));
        var view = _tavern.View();
        view.Ignores(late, RuleIds.EpochSuperseded);
        Assert.Equal([task], view.Tasks.Keys);
        view.Agents[_jake.Id].Rekeyed.Says(_gandalf.Id, recovery, RuleIds.RekeyAncestor);
    }
}
