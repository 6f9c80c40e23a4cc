using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Holder = Tavern.EventSourced.Tests.Provenance.RandomHistory.Holder;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Answers joined from accounts, against what is plain when all logs are open.</summary>
public class HistoryProperties
{
    private const int Histories = 200;

    public static TheoryData<bool> Disks => new() { false, true };

    [Theory]
    [MemberData(nameof(Disks))]
    public void Why_agrees_with_all_logs_laid_open(bool disksFail) => ForEach(disksFail, history =>
    {
        foreach (var observer in history.Agents)
            foreach (var subject in history.Agents)
                Assert.True(ExpectedVerdict(history, observer, subject) == Explain(history, observer, subject).Verdict.Name,
                    $"{history}: why {observer.Id} {subject.Id} is {Explain(history, observer, subject).Verdict}, expected {ExpectedVerdict(history, observer, subject)}");
    });

    [Fact]
    public void The_histories_bring_about_every_verdict_that_lost_disks_and_silence_can()
    {
        var seen = new HashSet<string>();
        ForEach(true, history => seen.UnionWith(history.Agents.SelectMany(observer => history.Agents.Select(subject => ExpectedVerdict(history, observer, subject)))));
        Assert.Equal(["agree", "never-said", "not-heard", "overruled", "unreachable"], seen.Order());
    }

    [Theory]
    [MemberData(nameof(Disks))]
    public void Not_heard_names_exactly_the_missing_events_and_only_true_holders(bool disksFail) => ForEach(disksFail, history =>
    {
        foreach (var observer in history.Agents)
            foreach (var subject in history.Agents)
            {
                if (Explain(history, observer, subject).Verdict is not Verdict.NotHeard gap) continue;
                var behind = history.Agents.Single(agent => agent.Id == gap.Behind);
                for (var sequence = 1L; sequence <= gap.Deciding.Sequence; sequence++)
                    Assert.True(gap.Missing.Contains(gap.Deciding.Chain[sequence]) != behind.Has(gap.Deciding.Chain[sequence]), $"{history}: {gap}");
                var holders = history.Agents.Where(agent => agent.Has(gap.Deciding)).Select(agent => agent.Id).ToHashSet();
                Assert.True(gap.Holders.All(holders.Contains) || disksFail, $"{history}: {gap} names a holder without the event");
                Assert.True(history.Agents.Where(agent => !agent.Silent && agent.Has(gap.Deciding)).All(agent => gap.Holders.Contains(agent.Id)), $"{history}: {gap} misses a holder");
            }
    });

    [Fact]
    public void Told_draws_exactly_the_receipts_of_those_who_answered() => ForEach(false, history =>
    {
        foreach (var id in history.Events)
        {
            var tree = SpreadTree.Of(id, history.Agents.Select(agent => new DeliveryReport(agent.Id, agent.Silent ? null : history.Delivery(agent, id))));
            var truth = history.Agents.Where(agent => agent.Has(id)).ToDictionary(agent => agent.Id, agent => agent.Log.Single(entry => entry.Event == id));
            var expected = truth.Where(pair => pair.Value.From is not null && !SilentIn(history, pair.Key)).Select(pair => (pair.Value.From!.Value, pair.Key));
            Assert.True(expected.Order().SequenceEqual(tree.Edges.Order()), $"{history}: told {id} draws other edges than the receipts say");
            Assert.True(tree.Nodes.Select(node => node.Agent).Distinct().Count() == tree.Nodes.Length, $"{history}: told {id} shows an agent twice");
            Assert.True(tree.Nodes.All(node => node.Flaw is null), $"{history}: told {id} finds a flaw in honest receipts");
            Assert.True(tree.Complete == history.Agents.TrueForAll(agent => !agent.Silent), $"{history}: told {id} is complete: {tree.Complete}");
            if (tree.Complete) Assert.True(tree.Edges.Count() == truth.Count - 1, $"{history}: told {id} is not a tree");

            // Connected to the writer exactly when nobody on the true path, but the writer, is silent; then hop equals path length.
            foreach (var node in tree.Nodes.Where(node => node.State == SpreadState.Delivered))
            {
                Assert.True(IsConnected(history, truth, node.Agent) == (RootOf(tree, node) == id.Agent), $"{history}: told {id} connects {node.Agent} wrongly");
                if (RootOf(tree, node) == id.Agent) Assert.True(node.Hop == node.Depth, $"{history}: told {id} has {node.Agent} at hop {node.Hop} and depth {node.Depth}");
            }
        }
    });

    [Fact]
    public void Told_shows_every_agent_once_and_no_edge_without_a_receipt_even_after_lost_disks() => ForEach(true, history =>
    {
        foreach (var id in history.Events)
        {
            var tree = SpreadTree.Of(id, history.Agents.Select(agent => new DeliveryReport(agent.Id, agent.Silent ? null : history.Delivery(agent, id))));
            Assert.True(tree.Nodes.Select(node => node.Agent).Order().SequenceEqual(history.Agents.Select(agent => agent.Id).Order()), $"{history}: told {id} does not show each agent once");
            foreach (var (from, to) in tree.Edges)
                Assert.True(history.Agents.Single(agent => agent.Id == to).Log.Exists(entry => entry.Event == id && entry.From == from), $"{history}: told {id} invents {from} to {to}");
        }
    });

    [Fact]
    public void Who_knows_counts_all_who_answered_and_all_who_are_proven_to_know() => ForEach(false, history =>
    {
        var asker = history.Agents[0];
        foreach (var id in history.Events)
        {
            var heard = Heard.Of(id, history.Agents.Select(agent => Report(history, asker, agent)));
            var holders = history.Agents.Where(agent => agent.Has(id)).Select(agent => agent.Id).ToHashSet();
            foreach (var agent in history.Agents)
            {
                var proven = history.Proven(asker, agent.Id).Covers(id);
                Assert.True(heard.Holders.Contains(agent.Id) == (agent.Silent && agent != asker ? proven : holders.Contains(agent.Id)), $"{history}: who-knows {id} is wrong about {agent.Id}");
                Assert.True(!heard.Holders.Contains(agent.Id) || holders.Contains(agent.Id), $"{history}: who-knows {id} counts {agent.Id}, which does not have it");
                Assert.True(!heard.Without.Contains(agent.Id) || !holders.Contains(agent.Id), $"{history}: who-knows {id} denies {agent.Id}, which has it");
            }

            Assert.True(heard.Total == history.Agents.Count, $"{history}: who-knows {id} counts {heard.Total} agents");
            if (heard.Exact) Assert.True(heard.Holders.Length == holders.Count, $"{history}: who-knows {id} is not exact");
        }
    });

    [Theory]
    [MemberData(nameof(Disks))]
    public void Disagreements_are_exactly_the_pairs_with_other_values(bool disksFail) => ForEach(disksFail, history =>
    {
        var answering = history.Agents.Where(agent => !agent.Silent).ToList();
        var accounts = answering.SelectMany(observer => history.Agents.Select(subject => (observer, subject)))
            .ToDictionary(pair => (pair.observer.Id, pair.subject.Id), pair => history.Account(pair.observer, pair.subject.Id));
        var found = Disagreements.Of("state", history.Now, accounts, [.. history.Agents.Select(agent => agent.Id)], (a, b) => history.Index.Compare(a, b));
        var expected = answering.SelectMany(observer => answering.Select(subject => (observer, subject)))
            .Where(pair => history.Believe(pair.observer, pair.subject.Id)?.Value != history.Believe(pair.subject, pair.subject.Id)?.Value)
            .Select(pair => (pair.observer.Id, pair.subject.Id)).Order();
        var between = found.Differences.Where(answer => answer.Verdict is not Verdict.Unreachable).Select(answer => (answer.Observer, answer.Subject)).Order();
        Assert.True(expected.SequenceEqual(between), $"{history}: disagreements differ");
        Assert.True(found.Silent.SequenceEqual(history.Agents.Where(agent => agent.Silent).Select(agent => agent.Id)), $"{history}: silence differs");
        Assert.True(found.Differences.All(answer => answer.Verdict is not Verdict.Unreachable || SilentIn(history, answer.Subject)), $"{history}: somebody who answered is called unreachable");
    });

    private static void ForEach(bool disksFail, Action<RandomHistory> check)
    {
        for (var seed = 1UL; seed <= Histories; seed++) check(new RandomHistory(seed, disksFail));
    }

    private static Explanation Explain(RandomHistory history, Holder observer, Holder subject)
    {
        var asker = history.Agents[0];
        var known = history.Believe(asker, subject.Id);
        return Why.Explain(new WhyCase
        {
            Observer = observer.Id,
            Subject = subject.Id,
            Now = history.Now,
            ObserverAccount = observer.Silent ? null : history.Account(observer, subject.Id),
            SubjectAccount = subject.Silent ? null : history.Account(subject, subject.Id),
            LowerBound = new LowerBound(asker.Id, asker.Clock, known, known is null ? null : history.TimeOf(known.DecidedBy)),
            Clocks = [.. history.Agents.Select(agent => Report(history, asker, agent))],
            Relation = (a, b) => history.Index.Compare(a, b),
        });
    }

    private static ClockReport Report(RandomHistory history, Holder asker, Holder agent) => agent.Silent && agent != asker
        ? new ClockReport(agent.Id, history.Proven(asker, agent.Id), false)
        : new ClockReport(agent.Id, agent.Clock, true);

    private static string ExpectedVerdict(RandomHistory history, Holder observer, Holder subject)
    {
        if (observer.Silent || subject.Silent) return "unreachable";
        var (theirs, own) = (history.Believe(observer, subject.Id), history.Believe(subject, subject.Id));
        if (theirs is null && own is null) return "never-said";
        if (theirs?.Value == own?.Value) return "agree";
        if (own is not null && !observer.Has(own.DecidedBy)) return "not-heard";
        var lost = theirs is not null && theirs.DecidedBy.Agent == subject.Id && !subject.Has(theirs.DecidedBy);
        if (lost) return "never-said";
        return own is null && !subject.Has(theirs!.DecidedBy) ? "not-heard" : "overruled";
    }

    private static bool SilentIn(RandomHistory history, AgentId agent) => history.Agents.Single(known => known.Id == agent).Silent;

    private static bool IsConnected(RandomHistory history, Dictionary<AgentId, RandomHistory.Entry> truth, AgentId agent)
    {
        for (var at = agent; truth[at].From is { } from; at = from)
            if (SilentIn(history, at)) return false;
        return true;
    }

    private static AgentId RootOf(SpreadTree tree, SpreadNode node)
    {
        while (node.From is { } from) node = tree.Nodes.Single(other => other.Agent == from);
        return node.Agent;
    }
}
