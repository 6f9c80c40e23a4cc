using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Answers about chains that have forked, against the logs of all agents laid open.</summary>
public class ForkedProvenanceProperties
{
    private static readonly string[] Fields = ["state", "task", "note", "epoch", "retired", "commitments"];

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 12).Select(seed => (ulong)seed)];

    [Fact]
    public void Why_names_a_fork_exactly_where_one_keeps_the_deciding_event_out_of_the_others_view()
    {
        var (forked, waiting) = (0, 0);
        for (ulong seed = 1; seed <= 12; seed++)
        {
            var tavern = ForkedHistory.Generate(seed);
            var (views, index) = (ViewsOf(tavern), tavern.Index());
            foreach (var (observer, theirView) in views)
                foreach (var (subject, ownView) in views)
                {
                    if (observer.Id == subject.Id) continue;
                    foreach (var field in Fields)
                    {
                        var (theirs, own) = (AccountOf(observer, theirView, subject.Id, field), AccountOf(subject, ownView, subject.Id, field));
                        var verdict = Why.Explain(new WhyCase
                        {
                            Observer = observer.Id,
                            Subject = subject.Id,
                            Field = field,
                            Now = DateTimeOffset.UnixEpoch,
                            ObserverAccount = theirs,
                            SubjectAccount = own,
                            LowerBound = new LowerBound(observer.Id, observer.Clock, null, null),
                            FirstOf = index.FirstOf,
                        }).Verdict;
                        var expected = KeptOut(observer, theirView, subject.Id, own.Belief) ?? KeptOut(subject, ownView, subject.Id, theirs.Belief);
                        if (theirs.Belief?.Value == own.Belief?.Value || verdict is Verdict.NotHeard) expected = null;
                        var named = verdict as Verdict.Forked;
                        Assert.True(named?.Deciding == expected, $"seed {seed}: {observer.Id} about {field} of {subject.Id}: {verdict}, expected {expected}");
                        if (named is { WaitsForEndorsement: true }) waiting++;
                        else if (named is not null) forked++;
                    }
                }
        }

        Assert.True(forked > 0 && waiting > 0, $"{forked} forks and {waiting} waiting epochs were explained.");

        // The subject's own event that decides for the other, when this one has it and lets it not count because of a fork.
        static EventId? KeptOut(TestAgent knower, TavernView view, AgentId subject, FieldBelief? others) =>
            others?.DecidedBy is { } id && id.Agent == subject && knower.Clock.Covers(id) && (IsDoubled(knower, id) || Waits(view, id)) ? id : null;

        static bool Waits(TavernView view, EventId id) => view.Agents.TryGetValue(id.Agent, out var agent) && agent.Waiting.Contains(id.Epoch);

        static bool IsDoubled(TestAgent knower, EventId id) => knower.Delivered.SelectMany(segment => segment.Records)
            .Where(record => record.Id.Chain.Main == id.Chain.Main && record.Id.Sequence <= id.Sequence)
            .GroupBy(record => record.Id.Sequence).Any(place => place.Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Who_knows_an_event_on_a_branch_is_who_delivered_that_record(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        List<(AgentId Agent, TestAgent Log)> logs = [.. tavern.Agents.Select((agent, i) => (new AgentId((UInt128)(i + 1)), agent))]; // twins apart
        List<ClockReport> reports = [.. logs.Select(log => new ClockReport(log.Agent, log.Log.Clock, true))];
        foreach (var record in tavern.Records.Values)
        {
            var holders = logs.Where(log => log.Log.Delivered.Any(segment => segment.Records.Any(one => one.Hash == record.Hash))).Select(log => log.Agent);
            Assert.True(holders.SequenceEqual(Heard.Of(record.Id, reports).Holders), $"Who knows {record.Id}, seed {seed}.");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_time_names_all_that_was_written_by_then_on_every_line(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        var (index, random) = (tavern.Index(), new SplitMix64(seed));
        List<EventRecord> written = [.. tavern.Segments.SelectMany(segment => segment.Records)];
        for (var i = 0; i < 10; i++)
        {
            var time = written[random.Below(written.Count)].Header.Time.Wall;
            var expected = VectorClock.Of(written.Where(record => record.Header.Time.Wall <= time).Select(record => new ClockEntry(record.Id.Chain, record.Id.Sequence)));
            Assert.Equal(expected, TimeCut.Of(index, id => tavern.Read(id).Header.Time, time));
            var missing = EventRange.Difference(index.Heads, expected, index.FirstOf).SelectMany(range => Enumerable.Range(0, (int)range.Count).Select(n => range.Chain[range.First + n]));
            Assert.Equal(written.Where(record => record.Header.Time.Wall > time).Select(record => record.Id).Order(), missing.Order());
        }
    }

    [Fact]
    public void Steps_back_from_an_event_on_a_branch_lead_along_its_line()
    {
        var tavern = new TestTavern(seed: 1);
        var jake = tavern.Jake;
        jake.Write(new TaskCreated("shared"));
        var other = jake.Fork();
        jake.WriteRaw("DecisionMade", "{}");
        var branch = other.WriteRaw("DecisionMade", "{}");
        var frodo = other.Spawn("frodo");
        var because = frodo.WriteBecause("DecisionMade", "{}", branch.Main);
        var resolver = new PointResolver
        {
            FindAgent = _ => null,
            Events = tavern.Index(),
            CausesOf = id => tavern.Read(id).Header.Causes,
            Now = DateTimeOffset.UnixEpoch,
        };
        Assert.Equal((1, 3), (branch.Branch, branch.Sequence));
        Assert.Equal(branch, Assert.IsType<PointResolution.Event>(resolver.Resolve(PointSyntax.Parse($"{frodo.Id}:{because.Sequence}^"))).Id);
        Assert.Equal(jake.Chain[2], Assert.IsType<PointResolution.Event>(resolver.Resolve(PointSyntax.Parse($"{frodo.Id}:{because.Sequence}^~1"))).Id);
    }

    private static List<(TestAgent Agent, TavernView View)> ViewsOf(TestTavern tavern)
    {
        var runner = new ViewRunner(tavern.Index());
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records)) runner.Add(record);
        runner.Read(tavern.Read);
        return [.. tavern.Agents.Select(agent => (agent, runner.At(agent.Clock).Read(tavern.Read).State))];
    }

    private static BeliefAccount AccountOf(TestAgent agent, TavernView view, AgentId subject, string field) =>
        new(agent.Clock, agent.Delivered.Count, view.Believe(subject, field))
        {
            Forks = ForkAccount.Of(view, subject),
            WaitingEpochs = view.Agents.TryGetValue(subject, out var about) ? [.. about.Waiting] : ImmutableArray<int>.Empty,
        };
}
