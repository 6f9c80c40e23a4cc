using System.Text.Json;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class WhyTextTests
{
    private static WhyCase Behind => WhyTests.Behind with
    {
        ObserverAccount = WhyTests.Behind.ObserverAccount! with { Links = [new LinkState(Gandalf, LinkCondition.Working, Ago(3))], NextRound = Now.AddSeconds(0.8) },
    };

    [Fact]
    public void Two_lines_answer_then_evidence_then_commands()
    {
        Assert.Equal(
            [
                "Jake thinks Gandalf is IDLE. Gandalf says DONE (claimed, not yet verified).",
                "NOT HEARD: Jake's copy of Gandalf's log ends at gandalf:41; the claim is gandalf:42, 9 s old.",
                "Missing: gandalf:42. gandalf and legolas have it.",
                "Nothing is in the way: Jake reaches gandalf; next exchange in 0.8 s.",
                "",
                "Jake: IDLE as of gandalf:41, 35 s old, by rule latest.",
                "Gandalf: DONE (claimed, not yet verified) as of gandalf:42, 9 s old, by rule latest.",
                "gandalf:42 is heard by at least 2 of 5; no answer from gimli.",
                "",
                "  tavern why jake gandalf --watch",
                "  tavern sync --as jake",
                "  tavern told gandalf:42",
            ],
            WhyText.Lines(Why.Explain(Behind), Names).AsEnumerable());
    }

    [Fact]
    public void Every_kind_of_answer_fits_into_fifteen_lines_of_plain_text()
    {
        foreach (var question in EveryVerdict())
        {
            var answer = Why.Explain(question);
            var lines = WhyText.Lines(answer, Names);
            Assert.InRange(lines.Length, 3, WhyText.LinesMax);
            Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
            Assert.StartsWith(answer.Verdict.Name.Replace('-', ' ').ToUpperInvariant() + ":", lines[1]);
        }
    }

    [Fact]
    public void Every_verdict_has_an_example() => Assert.Equal(
        ["agree", "held-back", "never-said", "not-heard", "overruled", "rejected", "stale-view", "unreachable"],
        EveryVerdict().Select(question => Why.Explain(question).Verdict.Name).Distinct().Order());

    [Fact]
    public void Values_and_rules_and_names_from_agents_cannot_steer_a_terminal_or_a_shell()
    {
        var evil = new FieldBelief("state", "idle\u001b[2J\r\nGandalf is DONE", Gandalf.At(41), "rule\u0007", false, [Gandalf.At(41)]);
        var answer = Why.Explain(Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), evil) });
        var lines = WhyText.Lines(answer, new AgentNames(id => id == Jake ? "$(rm -rf)" : "gandalf"));
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.All(lines, line => Assert.DoesNotContain("$(", line));
        Assert.Contains(lines, line => line.Contains($"tavern why {Jake} gandalf"));
    }

    [Fact]
    public void The_document_has_stable_keys()
    {
        var json = JsonSerializer.SerializeToElement(WhyDocument.Of(Why.Explain(Behind), Names), ProvenanceJson.Default.WhyDocument);
        Assert.Equal(
            ["schema", "observer", "subject", "field", "at", "agrees", "observerBelief", "subjectBelief", "verdict", "heard", "names", "summary", "commands"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(1, json.GetProperty("schema").GetInt32());
        Assert.Equal(["kind", "behind", "deciding", "missing", "holders", "delay"], json.GetProperty("verdict").EnumerateObject().Select(property => property.Name));
        Assert.Equal("not-heard", json.GetProperty("verdict").GetProperty("kind").GetString());
        Assert.Equal("due", json.GetProperty("verdict").GetProperty("delay").GetProperty("kind").GetString());
        Assert.Equal(Gandalf.At(42).ToString(), json.GetProperty("verdict").GetProperty("deciding").GetString());
        Assert.Equal("claimed", json.GetProperty("subjectBelief").GetProperty("standing").GetString());
        Assert.Equal(["belief", "decidedAt", "ageMilliseconds", "standing"], json.GetProperty("subjectBelief").EnumerateObject().Select(property => property.Name));
        Assert.Equal("gandalf", json.GetProperty("names").GetProperty(Gandalf.ToString()).GetString());
        Assert.Equal("at least 2 of 5", $"{(json.GetProperty("heard").GetProperty("exact").GetBoolean() ? "" : "at least ")}{json.GetProperty("heard").GetProperty("count")} of {json.GetProperty("heard").GetProperty("total")}");
    }

    [Fact]
    public void Every_kind_of_answer_has_a_document()
    {
        foreach (var question in EveryVerdict())
        {
            var answer = Why.Explain(question);
            var json = JsonSerializer.SerializeToElement(WhyDocument.Of(answer, Names), ProvenanceJson.Default.WhyDocument);
            Assert.Equal(answer.Verdict.Name, json.GetProperty("verdict").GetProperty("kind").GetString());
        }
    }

    private static IEnumerable<WhyCase> EveryVerdict()
    {
        var observer = Behind.ObserverAccount!;
        var range = new EventRange(Gandalf.At(1).Chain, 42, 42);
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42))) };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(41)), Belief("done", Gandalf.At(41))) };
        yield return Behind with { ObserverAccount = observer with { HeldBack = [new HeldBack(range, Frodo.At(7), Legolas, Ago(1))] } };
        yield return Behind with { ObserverAccount = observer with { Rejections = [new Rejection(range, Failure(Jake, Legolas, ReceiptOutcome.Rejected, "bad\u001b[0m"))] } };
        yield return Behind with { ObserverAccount = Account(Clock(Jake.At(81), Gandalf.At(42)), Belief("retired", Jake.At(81))) };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42))) };
        yield return Behind with { ObserverAccount = Account(Clock(Gandalf.At(42)), Belief("done", Gandalf.At(42))), SubjectAccount = Account(Clock(Gandalf.At(41)), Belief("idle", Gandalf.At(41))) };
        yield return Behind with { ObserverAccount = Account(Clock()), SubjectAccount = Account(Clock()) };
        yield return Behind with { ObserverAccount = observer with { Past = new PastBelief(Clock(Gandalf.At(3)), null, null) } };
        yield return Behind with { SubjectAccount = null };
        yield return Behind with { SubjectAccount = null, ObserverAccount = null, LowerBound = new LowerBound(Frodo, Clock(), null, null) };
        foreach (var delay in WhyTests.Delays()) yield return Behind with { ObserverAccount = (BeliefAccount)delay[1] };
    }
}
