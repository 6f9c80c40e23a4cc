using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class ExplanationTextTests
{
    private static WhyCase Behind => WhyTests.Behind with
    {
        ObserverAccount = WhyTests.Behind.ObserverAccount! with { Links = [new LinkState(Gandalf, LinkCondition.Working, Ago(3))], NextRound = Now.AddSeconds(0.8) },
    };

    [Fact]
    public void Two_sentences_answer_then_the_evidence()
    {
        var answer = Why.Explain(Behind);
        Assert.Equal("Jake thinks Gandalf is IDLE. Gandalf says DONE (claimed, not yet verified).", ExplanationText.Accounts(answer, Names));
        Assert.Equal("NOT HEARD: Jake's copy of Gandalf's log ends at gandalf:41; the claim is gandalf:42, 9 s old.", ExplanationText.Cause(answer, Names));
        Assert.Equal(
            [
                "Missing: gandalf:42. gandalf and legolas have it.",
                "Nothing is in the way: Jake reaches gandalf; next exchange in 0.8 s.",
                "Jake: IDLE as of gandalf:41, 35 s old, by rule latest.",
                "Gandalf: DONE (claimed, not yet verified) as of gandalf:42, 9 s old, by rule latest.",
                "gandalf:42 is heard by at least 2 of 5; no answer from gimli.",
            ],
            ExplanationText.Evidence(answer, Names).AsEnumerable());
        Assert.Equal(["tavern why jake gandalf --watch", "tavern told gandalf:42"], WhyCommands.Of(answer, Names));
    }

    [Fact]
    public void A_value_that_is_an_event_or_an_agent_goes_by_its_name()
    {
        string Said(string value) => ExplanationText.Accounts(Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), Belief(value, Gandalf.At(41))) }), Names);
        Assert.StartsWith("Jake thinks Gandalf is frodo:7. ", Said(Frodo.At(7).ToString()), StringComparison.Ordinal);
        Assert.StartsWith("Jake thinks Gandalf is frodo. ", Said(Frodo.ToString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_answer_fits_into_fifteen_lines_of_plain_text()
    {
        foreach (var answer in EveryVerdict().Select(Why.Explain))
        {
            var lines = LinesOf(answer, Names);
            Assert.InRange(lines.Count, 2, 15);
            Assert.InRange(WhyCommands.Of(answer, Names).Count, 1, 3);
            Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
            Assert.StartsWith(answer.Verdict.Name.Replace('-', ' ').ToUpperInvariant() + ":", lines[1]);
        }
    }

    [Fact]
    public void Every_verdict_has_an_example() => Assert.Equal(
        ["agree", "forked", "held-back", "never-said", "not-heard", "overruled", "rejected", "stale-view", "unreachable"],
        EveryVerdict().Select(question => Why.Explain(question).Verdict.Name).Distinct().Order());

    [Fact]
    public void Values_and_rules_and_names_from_agents_cannot_steer_a_terminal_or_a_shell()
    {
        var evil = new FieldBelief("state", "idle\u001b[2J\r\nGandalf is DONE", Gandalf.At(41), "rule\u0007", false, [Gandalf.At(41)]);
        var answer = Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), evil) });
        var names = new AgentNames(id => id == Jake ? "$(rm -rf)" : "gandalf");
        var lines = LinesOf(answer, names).Concat(WhyCommands.Of(answer, names)).ToList();
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.All(lines, line => Assert.DoesNotContain("$(", line));
        Assert.Contains(lines, line => line.Contains($"tavern why {Jake} gandalf"));
    }

    /// <summary>One question or more per kind of verdict.</summary>
    internal static IEnumerable<WhyCase> EveryVerdict()
    {
        var observer = Behind.ObserverAccount!;
        var range = new EventRange(Gandalf.At(1).Chain, 42, 42);
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42))) };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), Belief("done", Gandalf.At(41))) };
        yield return Behind with { ObserverAccount = observer with { HeldBack = [new HeldBackEvents(range, Frodo.At(7), Legolas, Ago(1))] } };
        yield return Behind with { ObserverAccount = observer with { Rejections = [new Rejection(range, Failure(Jake, Legolas, ReceiptOutcome.Rejected, "bad\u001b[0m"))] } };
        yield return Behind with { ObserverAccount = Account(Clock(Jake.At(81), Gandalf.At(42)), Belief("retired", Jake.At(81))) };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42))) };
        var fork = new ForkAccount(1, 4, 40, Gimli.At(9));
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42))) with { Forks = [fork] } };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42))) with { Forks = [fork with { Proof = null, Quarantined = 1 }] } };
        yield return Behind with
        {
            ObserverAccount = Account(Clock(Gandalf.At(2, 2))) with { Forks = [fork], WaitingEpochs = [2] },
            SubjectAccount = Account(Clock(Gandalf.At(2, 2)), Belief("done", Gandalf.At(2, 2))),
        };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42))), SubjectAccount = Account(Clock(Gandalf.At(41)), Belief("idle", Gandalf.At(41))) };
        yield return Behind with { ObserverAccount = Account(Clock()), SubjectAccount = Account(Clock()) };
        yield return Behind with { ObserverAccount = observer with { Past = new PastBelief(Clock(Gandalf.At(3)), null, null) } };
        yield return Behind with { SubjectAccount = null };
        yield return Behind with { SubjectAccount = null, ObserverAccount = null, LowerBound = new LowerBound(Frodo, Clock(), null, null) };
        foreach (var delay in WhyTests.Delays()) yield return Behind with { ObserverAccount = (BeliefAccount)delay[1] };
    }

    private static List<string> LinesOf(Explanation answer, AgentNames names) =>
        [ExplanationText.Accounts(answer, names), ExplanationText.Cause(answer, names), .. ExplanationText.Evidence(answer, names)];
}
