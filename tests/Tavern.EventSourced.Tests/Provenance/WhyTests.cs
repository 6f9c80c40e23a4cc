using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class WhyTests
{
    /// <summary>Jake has Gandalf's log up to 41 (idle), Gandalf wrote 42 (done), Legolas has it, Gimli is silent.</summary>
    internal static WhyCase Behind => new()
    {
        Observer = Jake,
        Subject = Gandalf,
        Now = Now,
        ObserverAccount = Account(Clock(Jake.At(80), Gandalf.At(41)), Belief("idle", Gandalf.At(41)), 35),
        SubjectAccount = Account(Clock(Jake.At(79), Gandalf.At(42)), Belief("done", Gandalf.At(42))),
        LowerBound = new LowerBound(Frodo, Clock(Gandalf.At(40)), Belief("idle", Gandalf.At(40)), Ago(60)),
        Clocks = [new ClockReport(Legolas, Clock(Gandalf.At(42)), true), new ClockReport(Gimli, VectorClock.Empty, false)],
    };

    [Fact]
    public void The_same_value_from_different_events_is_agreement()
    {
        var answer = Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), Belief("done", Gandalf.At(41))) });
        Assert.Equal(new Verdict.Agree(Gandalf.At(41), Gandalf.At(42)), answer.Verdict);
        Assert.True(answer.Agrees);
    }

    [Fact]
    public void An_observer_behind_the_deciding_event_has_not_heard_it()
    {
        var answer = Why.Explain(Behind);
        var verdict = Assert.IsType<Verdict.NotHeard>(answer.Verdict);
        Assert.Equal((Jake, Gandalf.At(42), new EventRange(Gandalf.At(42).Chain, 42, 42)), (verdict.Behind, verdict.Deciding, verdict.Missing));
        Assert.Equal([Gandalf, Legolas], verdict.Holders.AsEnumerable());
        Assert.False(answer.Agrees);
        Assert.Equal(ClaimStanding.Claimed, answer.SubjectBelief!.Standing);
        Assert.Equal(9_000, answer.SubjectBelief.AgeMilliseconds);
    }

    [Fact]
    public void Done_is_a_claim_until_the_view_holds_it_as_complete()
    {
        var answer = Why.Explain(Behind with { SubjectAccount = Behind.SubjectAccount! with { Complete = true } });
        Assert.Equal(ClaimStanding.Complete, answer.SubjectBelief!.Standing);
        Assert.Equal("Jake thinks Gandalf is IDLE. Gandalf says DONE (complete: verified by others).", ExplanationText.Accounts(answer, Names));
        Assert.Equal(ClaimStanding.Said, answer.ObserverBelief!.Standing);
    }

    public static TheoryData<string, BeliefAccount> Delays()
    {
        var account = Behind.ObserverAccount!;
        var down = new LinkState(Gandalf, LinkCondition.Unreachable, Ago(40), Failure(Jake, Gandalf, ReceiptOutcome.Unreachable, "no answer"));
        var awaited = new LinkState(Legolas, LinkCondition.Working, Ago(1)) { Awaited = [new EventRange(Gandalf.At(1).Chain, 42, 45)] };
        return new TheoryData<string, BeliefAccount>
        {
            { nameof(Delay.PausedHere), account with { Paused = true, Links = [awaited] } },
            { nameof(Delay.InFlight), account with { Links = [down, awaited] } },
            { nameof(Delay.Due), account with { Links = [down, new LinkState(Legolas, LinkCondition.Working, Ago(1))] } },
            { nameof(Delay.NeverMet), account with { Links = [new LinkState(Frodo, LinkCondition.Working, Ago(1))] } },
            { nameof(Delay.PeersPaused), account with { Links = [new LinkState(Gandalf, LinkCondition.Paused, null)] } },
            { nameof(Delay.BackPressure), account with { Links = [new LinkState(Gandalf, LinkCondition.Busy, null)] } },
            { nameof(Delay.PeerDown), account with { Links = [down] } },
            { nameof(Delay.NoPath), account with { Links = [down, new LinkState(Legolas, LinkCondition.Paused, Ago(90))] } },
        };
    }

    [Theory]
    [MemberData(nameof(Delays))]
    public void Links_to_the_holders_say_why_it_has_not_moved(string expected, BeliefAccount account)
    {
        var verdict = Assert.IsType<Verdict.NotHeard>(Why.Explain(Behind with { ObserverAccount = account }).Verdict);
        Assert.Equal(expected, verdict.Delay.GetType().Name);
    }

    [Fact]
    public void No_path_tells_the_last_success_with_any_holder()
    {
        var account = Behind.ObserverAccount! with
        {
            Links = [new LinkState(Gandalf, LinkCondition.Unreachable, Ago(40)), new LinkState(Legolas, LinkCondition.Unreachable, Ago(90))],
        };
        var verdict = Assert.IsType<Verdict.NotHeard>(Why.Explain(Behind with { ObserverAccount = account }).Verdict);
        Assert.Equal(Ago(40), Assert.IsType<Delay.NoPath>(verdict.Delay).LastSuccess);
    }

    [Fact]
    public void An_event_that_waits_for_another_is_held_back_and_the_holders_of_the_other_are_named()
    {
        var held = new HeldBackEvents(new EventRange(Gandalf.At(1).Chain, 42, 43), Frodo.At(7), Legolas, Ago(1));
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Behind.ObserverAccount! with { HeldBack = [held] },
            LowerBound = Behind.LowerBound with { Clock = Clock(Frodo.At(7)) },
        });
        var verdict = Assert.IsType<Verdict.Waiting>(answer.Verdict);
        Assert.Equal((held, Jake), (verdict.HeldBack, verdict.Behind));
        Assert.Equal([Frodo], verdict.Holders.AsEnumerable());
    }

    [Fact]
    public void A_refused_event_is_rejected_with_its_receipt()
    {
        var rejection = new Rejection(new EventRange(Gandalf.At(1).Chain, 42, 42), Failure(Jake, Legolas, ReceiptOutcome.Rejected, "The hash does not match."));
        var answer = Why.Explain(Behind with { ObserverAccount = Behind.ObserverAccount! with { Rejections = [rejection] } });
        Assert.Equal(new Verdict.Rejected(Jake, Gandalf.At(42), rejection), answer.Verdict);
    }

    [Fact]
    public void An_observer_with_the_deciding_event_and_another_value_was_overruled()
    {
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Jake.At(81), Gandalf.At(42)), Belief("retired", Jake.At(81), "retired-by-ancestor")),
            Relation = (winner, loser) => (winner, loser) == (Jake.At(81), Gandalf.At(42)) ? CausalOrder.Concurrent : null,
        });
        Assert.Equal(
            new Verdict.Overruled(Gandalf.At(42), "retired-by-ancestor", Jake.At(81), CausalOrder.Concurrent, new EventRange(Jake.At(1).Chain, 80, 81)),
            answer.Verdict);
    }

    [Fact]
    public void A_subject_without_a_value_that_lacks_the_others_event_is_the_one_that_has_not_heard()
    {
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Jake.At(81), Gandalf.At(42)), Belief("retired", Jake.At(81))),
            SubjectAccount = Account(Clock(Jake.At(79), Gandalf.At(42))),
        });
        var verdict = Assert.IsType<Verdict.NotHeard>(answer.Verdict);
        Assert.Equal((Gandalf, Jake.At(81), new EventRange(Jake.At(1).Chain, 80, 81)), (verdict.Behind, verdict.Deciding, verdict.Missing));
    }

    [Fact]
    public void An_observer_without_a_value_that_has_the_event_goes_by_a_rule_that_ignores_it()
    {
        var answer = Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(42))) });
        Assert.Equal(new Verdict.Overruled(Gandalf.At(42), null, null, null, null), answer.Verdict);
    }

    [Fact]
    public void What_the_subject_lost_with_its_disk_was_never_said_by_its_own_log()
    {
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Gandalf.At(42), Gandalf.At(2, 2)), Belief("done", Gandalf.At(42))),
            SubjectAccount = Account(Clock(Gandalf.At(41), Gandalf.At(2, 2)), Belief("idle", Gandalf.At(41))),
        });
        Assert.Equal(new Verdict.NeverSaid(Gandalf.At(42), Gandalf.At(2, 2), 2), answer.Verdict);
    }

    [Fact]
    public void Nothing_on_both_sides_was_never_said_and_is_no_difference()
    {
        var answer = Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(3))), SubjectAccount = Account(Clock(Gandalf.At(3))) });
        Assert.Equal(new Verdict.NeverSaid(null, Gandalf.At(3), null), answer.Verdict);
        Assert.True(answer.Agrees);
        Assert.Null(answer.Heard);
    }

    [Fact]
    public void An_older_cut_with_another_value_is_a_stale_view_that_carries_the_present_verdict()
    {
        var past = new PastBelief(Clock(Gandalf.At(30)), Belief("working", Gandalf.At(30)), Ago(100));
        var answer = Why.Explain(Behind with { ObserverAccount = Behind.ObserverAccount! with { Past = past } });
        var verdict = Assert.IsType<Verdict.StaleView>(answer.Verdict);
        Assert.Equal("idle", verdict.Newer!.Belief.Value);
        Assert.IsType<Verdict.NotHeard>(verdict.Now);
        Assert.Equal("working", answer.ObserverBelief!.Belief.Value);
    }

    [Fact]
    public void An_older_cut_with_the_present_value_gets_the_present_verdict()
    {
        var past = new PastBelief(Clock(Gandalf.At(40)), Belief("idle", Gandalf.At(40)), Ago(60));
        Assert.IsType<Verdict.NotHeard>(Why.Explain(Behind with { ObserverAccount = Behind.ObserverAccount! with { Past = past } }).Verdict);
    }

    [Fact]
    public void A_silent_subject_is_unreachable_with_the_lower_bound_that_the_askers_log_proves()
    {
        var answer = Why.Explain(Behind with
        {
            SubjectAccount = null,
            LowerBound = new LowerBound(Frodo, Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42)), Ago(9))
            {
                LastWords = Behind.LowerBound.LastWords.Add(Gandalf, Ago(9)),
            },
        });
        var verdict = Assert.IsType<Verdict.Unreachable>(answer.Verdict);
        Assert.Equal([Gandalf], verdict.Silent.AsEnumerable());
        Assert.Equal((Gandalf.At(42), 9_000L), (verdict.LastKnown, verdict.SilentForMilliseconds));
        Assert.Equal([Jake, Gandalf, Legolas, Frodo, Gimli], verdict.Asked.AsEnumerable());
        Assert.Equal("done", verdict.Proven!.Belief.Value);
        Assert.Equal(new EventRange(Gandalf.At(1).Chain, 42, 42), verdict.MissingAtLeast);
        Assert.Equal("2 of 5", $"{answer.Heard!.Holders.Length} of {answer.Heard.Total}");
    }

    [Fact]
    public void When_both_are_silent_both_are_named()
    {
        var verdict = Assert.IsType<Verdict.Unreachable>(Why.Explain(Behind with { SubjectAccount = null, ObserverAccount = null }).Verdict);
        Assert.Equal([Jake, Gandalf], verdict.Silent.AsEnumerable());
        Assert.Null(verdict.MissingAtLeast);
    }

    [Fact]
    public void A_silent_observer_is_unreachable_too()
    {
        var verdict = Assert.IsType<Verdict.Unreachable>(Why.Explain(Behind with
        {
            ObserverAccount = null,
            Clocks = [new ClockReport(Jake, Clock(Jake.At(78), Gandalf.At(39)), false)],
        }).Verdict);
        Assert.Equal([Jake], verdict.Silent.AsEnumerable());
        Assert.Equal(Jake.At(79), verdict.LastKnown);
    }

    [Fact]
    public void What_lies_above_a_fork_that_the_observer_knows_of_is_quarantined_and_the_proof_is_shown()
    {
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Jake.At(80), Gandalf.At(42), new EventId(Gandalf, 1, 6, 1)), Belief("working", Gandalf.At(4))) with
            {
                Forks = [new ForkAccount(1, 4, 40, Gimli.At(9))],
            },
        });
        Assert.Equal(new Verdict.Forked(Jake, Gandalf.At(42), new ForkAccount(1, 4, 40, Gimli.At(9))), answer.Verdict);
        Assert.Equal("FORKED: jake knows that gandalf's chain has forked at gandalf:5: gandalf:42 is quarantined.", ExplanationText.Cause(answer, Names));
        Assert.Equal(
            "Gandalf's chain has forked at gandalf:5, as gimli:9 proves: 40 events from there on are quarantined.", ExplanationText.Evidence(answer, Names)[0]);
        Assert.Equal(["tavern show --forks", "tavern show gandalf:42"], WhyCommands.Of(answer, Names));
    }

    [Fact]
    public void Two_who_agree_about_an_agent_that_has_forked_are_told_of_the_fork()
    {
        var fork = new ForkAccount(1, 4, 1);
        var both = Account(Clock(Gandalf.At(5)), Belief("working", Gandalf.At(4))) with { Forks = [fork] };
        var answer = Why.Explain(Behind with { ObserverAccount = both, SubjectAccount = both });
        Assert.True(answer.Agrees);
        Assert.Equal(fork, Assert.Single(answer.Forks));
        Assert.Equal(
            "Gandalf's chain has forked at gandalf:5, which nobody has shown a proof of yet: 1 event from there on is quarantined.",
            ExplanationText.Evidence(answer, Names)[0]);
    }

    [Fact]
    public void An_epoch_after_a_fork_that_nobody_endorsed_does_not_count()
    {
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Gandalf.At(2, 2)), Belief("working", Gandalf.At(4))) with { Forks = [new ForkAccount(1, 4, 40)], WaitingEpochs = [2] },
            SubjectAccount = Account(Clock(Gandalf.At(2, 2)), Belief("done", Gandalf.At(2, 2))),
        });
        Assert.True(Assert.IsType<Verdict.Forked>(answer.Verdict).WaitsForEndorsement);
        Assert.Equal(
            "FORKED: gandalf@2:2 is of epoch 2, after a fork in epoch 1; it counts for jake once an ancestor endorses that epoch.",
            ExplanationText.Cause(answer, Names));
    }

    [Fact]
    public void What_is_missing_of_a_branch_begins_where_it_leaves_the_line_before()
    {
        var branch = new EventId(Gandalf, 1, 6, 1);
        var answer = Why.Explain(Behind with
        {
            ObserverAccount = Account(Clock(Gandalf.At(9)), Belief("idle", Gandalf.At(4))),
            SubjectAccount = Account(Clock(Gandalf.At(4), branch), Belief("done", branch)),
            FirstOf = chain => chain.Branch == 1 ? 5 : 1,
        });
        Assert.Equal(new EventRange(branch.Chain, 5, 6), Assert.IsType<Verdict.NotHeard>(answer.Verdict).Missing);
        Assert.Contains("gandalf/1:5 to gandalf/1:6", string.Join(' ', ExplanationText.Evidence(answer, Names)), StringComparison.Ordinal);
    }
}
