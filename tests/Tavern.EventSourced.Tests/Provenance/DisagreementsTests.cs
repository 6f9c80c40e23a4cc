using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class DisagreementsTests
{
    private static Dictionary<(AgentId, AgentId), BeliefAccount> Accounts => new()
    {
        [(Jake, Jake)] = Account(Clock(Jake.At(81), Gandalf.At(41)), Belief("working", Jake.At(80))),
        [(Jake, Gandalf)] = Account(Clock(Jake.At(81), Gandalf.At(41)), Belief("idle", Gandalf.At(41)), 35),
        [(Gandalf, Gandalf)] = Account(Clock(Jake.At(80), Gandalf.At(42)), Belief("done", Gandalf.At(42))),
        [(Gandalf, Jake)] = Account(Clock(Jake.At(80), Gandalf.At(42)), Belief("working", Jake.At(80))),
    };

    private static Disagreements Of(Dictionary<(AgentId, AgentId), BeliefAccount> accounts, params AgentId[] agents) =>
        Disagreements.Of("state", Now, accounts, agents, (_, _) => null);

    [Fact]
    public void Everyone_agrees_only_when_everyone_answered()
    {
        var accounts = Accounts;
        accounts[(Jake, Gandalf)] = accounts[(Gandalf, Gandalf)];
        Assert.True(Of(accounts, Jake, Gandalf).EveryoneAgrees);
        var all = Of(accounts, Jake, Gandalf, Gimli);
        Assert.False(all.EveryoneAgrees);
        Assert.Equal([Gimli], all.Silent.AsEnumerable());
        Assert.Empty(all.Differences);
    }

    [Fact]
    public void Each_difference_is_one_sentence() => Assert.Equal(
        [
            "Jake thinks Gandalf is IDLE. Gandalf says DONE (claimed, not yet verified). NOT HEARD: Jake's copy of Gandalf's log ends at gandalf:41; the claim is gandalf:42, 9 s old.",
        ],
        Of(Accounts, Jake, Gandalf).Differences.Select(answer => ExplanationText.Sentence(answer, Names)));

    [Fact]
    public void Worse_comes_before_late_and_long_standing_before_new()
    {
        var accounts = Accounts;
        accounts[(Frodo, Jake)] = Account(Clock(Jake.At(79)), Belief("idle", Jake.At(79)));
        accounts[(Frodo, Gandalf)] = Account(Clock(Gandalf.At(43)), Belief("waiting", Gandalf.At(43)));
        accounts[(Jake, Jake)] = accounts[(Jake, Jake)] with { DecidedAt = Ago(500) };
        Assert.Equal(
            [(Frodo, Gandalf, "never-said"), (Frodo, Jake, "not-heard"), (Jake, Gandalf, "not-heard")],
            Of(accounts, Jake, Gandalf, Frodo).Differences.Select(answer => (answer.Observer, answer.Subject, answer.Verdict.Name)));
    }

    [Fact]
    public void About_a_silent_agent_only_those_who_differ_from_the_best_informed_are_listed()
    {
        var accounts = Accounts;
        accounts.Remove((Gandalf, Gandalf));
        accounts.Remove((Gandalf, Jake));
        accounts[(Frodo, Gandalf)] = Account(Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42)));
        var difference = Assert.Single(Of(accounts, Jake, Gandalf, Frodo).Differences);
        Assert.Equal((Jake, Gandalf), (difference.Observer, difference.Subject));
        Assert.Equal("done", Assert.IsType<Verdict.Unreachable>(difference.Verdict).Proven!.Belief.Value);
    }

    [Fact]
    public void Who_knows_says_at_least_while_somebody_is_silent()
    {
        var heard = Heard.Of(Gandalf.At(42),
        [
            new ClockReport(Jake, Clock(Gandalf.At(41)), true), new ClockReport(Gandalf, Clock(Gandalf.At(42)), true), new ClockReport(Legolas, Clock(Gandalf.At(42)), true),
            new ClockReport(Frodo, Clock(Gandalf.At(50)), false), new ClockReport(Gimli, Clock(Gandalf.At(40)), false),
        ]);
        Assert.Equal([Gandalf, Legolas, Frodo], heard.Holders.AsEnumerable());
        Assert.Equal([Jake], heard.Without.AsEnumerable());
        Assert.Equal([Frodo, Gimli], heard.Unanswered.AsEnumerable());
        Assert.Equal((5, false), (heard.Total, heard.Exact)); // Frodo's own later events prove that it had it
    }
}
