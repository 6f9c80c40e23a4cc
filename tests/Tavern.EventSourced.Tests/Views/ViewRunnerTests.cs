using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

public class ViewRunnerTests
{
    private const int ShufflesPerHistory = 20;

    // The last three showed that the order of epoch starts decided which of them count.
    private static readonly ulong[] SeedNumbers = [.. Enumerable.Range(1, 25).Select(seed => (ulong)seed), 137, 160, 180];

    public static TheoryData<ulong> Seeds => [.. SeedNumbers];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_legal_order_gives_the_same_view_however_often_it_is_read_in_between(ulong seed)
    {
        var tavern = HistoryGenerator.Generate(seed);
        var expected = FromScratch(tavern, tavern.Segments);
        var random = new SplitMix64(seed);
        for (var shuffle = 0; shuffle < ShufflesPerHistory; shuffle++)
        {
            var (index, readOneIn) = (new CausalIndex(), 1 + random.Below(20));
            var runner = new ViewRunner(index);
            foreach (var segment in tavern.Shuffled(random))
            {
                TestTavern.Append(index, segment);
                foreach (var record in segment.Records) Assert.True(runner.Add(record));
                if (random.Below(readOneIn) == 0) runner.Read(tavern.Read);
            }

            var result = runner.Read(tavern.Read);
            Assert.Empty(result.Poison);
            Assert.True(expected == ViewHash.Of(result.State), $"Another view, seed {seed}, shuffle {shuffle}.");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_view_as_of_a_cut_is_the_fold_of_just_that_cut(ulong seed)
    {
        var tavern = HistoryGenerator.Generate(seed);
        var index = tavern.Index();
        var runner = new ViewRunner(index);
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records)) runner.Add(record);
        runner.Read(tavern.Read);
        var (whole, random) = (ViewHash.Of(runner.Read(tavern.Read).State), new SplitMix64(seed));
        for (var i = 0; i < 10; i++)
        {
            var order = tavern.Shuffled(random);
            List<Segment> prefix = [.. order.Take(random.Below(order.Count + 1))];
            var cut = VectorClock.Of(prefix.Select(segment => new ClockEntry(segment.Chain, segment.Last)));
            var at = runner.At(cut);
            Assert.Equal(cut, at.Clock);
            var (expected, hash) = (FromScratch(tavern, prefix), ViewHash.Of(at.Read(tavern.Read).State));
            Assert.True(expected == hash, $"Another view at {prefix.Count} of {order.Count} segments, seed {seed}, cut {i}.");
            Assert.Equal(whole, ViewHash.Of(runner.Read(tavern.Read).State));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_one_agent_delivered_gives_its_own_view_of_that_cut(ulong seed)
    {
        var tavern = HistoryGenerator.Generate(seed);
        var agent = tavern.Agents[new SplitMix64(seed).Below(tavern.Agents.Count)];
        var whole = new ViewRunner(tavern.Index());
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records)) whole.Add(record);
        Assert.Equal(FromScratch(tavern, agent.Delivered), ViewHash.Of(whole.At(agent.Clock).Read(tavern.Read).State));
    }

    [Fact]
    public void A_caller_that_hands_events_over_gets_the_same_view_without_a_read()
    {
        var tavern = HistoryGenerator.Generate(seed: 7);
        var runner = new ViewRunner(tavern.Index());
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records)) runner.Add(record);
        while (runner.NextUnfolded(max: 10) is { IsEmpty: false } next)
            foreach (var id in next) Assert.True(runner.Take(tavern.Read(id)));
        var view = runner.Read(id => throw new InvalidOperationException($"Nothing is left to read, yet {id} was asked for."));
        Assert.Equal(FromScratch(tavern, tavern.Segments), ViewHash.Of(view.State));
    }

    [Fact]
    public void A_history_with_real_keys_folds_like_any_other()
    {
        var tavern = HistoryGenerator.Generate(seed: 3, steps: 30, ecdsa: true);
        Assert.Equal("jake", tavern.View().Names.DisplayNameOf(tavern.Jake.Id));
        Assert.Equal(FromScratch(tavern, tavern.Segments), ViewHash.Of(tavern.View()));
    }

    [Fact]
    public void The_generated_histories_reach_every_rule_that_leaves_events_out()
    {
        string[] notGenerated =
        [
            RuleIds.TavernFoundedOnce, RuleIds.ForkTwoRecords, RuleIds.EpochFirstRecord, // need forged bytes; the rules' own tests have them
        ];
        string[] ignoring =
        [
            RuleIds.WriterNotSpawned, RuleIds.EventUnknownType, RuleIds.EventUnreadable, RuleIds.ReferenceInPast, RuleIds.SpawnKey,
            RuleIds.SpawnOneParent, RuleIds.RetireSelfOrAncestor, RuleIds.RetireLate, RuleIds.RekeyAncestor, RuleIds.EpochSuperseded,
            RuleIds.TaskAssign, RuleIds.TaskWorker, RuleIds.TaskCancel, RuleIds.TaskCancelledFinal, RuleIds.CommitmentOwner,
            RuleIds.CommitmentWithdrawn, RuleIds.VerifyOutsideSubtree, RuleIds.VerifyCurrentClaim, RuleIds.RulingCommonAncestor, RuleIds.QuestionWithdraw,
        ];
        var views = SeedNumbers.Select(seed => HistoryGenerator.Generate(seed).View()).ToList();
        var seen = views.SelectMany(view => view.IgnoredByRule.Keys).ToHashSet();
        Assert.Empty(ignoring.Except(seen));
        Assert.Empty(seen.Except(ignoring).Except(notGenerated));
        foreach (var state in Enum.GetValues<CommitmentState>())
            Assert.True(views.Any(view => view.Commitments.Values.Any(commitment => commitment.State.Value == state)), $"No commitment is {state}.");
        foreach (var state in Enum.GetValues<TaskState>())
            Assert.True(views.Any(view => view.Tasks.Values.Any(task => task.State.Value == state)), $"No task is {state}.");
        Assert.Contains(views, view => view.Agents.Values.Any(agent => agent.IsComplete || agent.Commitments.Verified > 0));
        Assert.Contains(views, view => view.Commitments.Values.Any(commitment => commitment.State.Rule == RuleIds.RulingNearest));
        Assert.Contains(views, view => view.Commitments.Values.Any(commitment => commitment.State.Contested));
    }

    [Fact]
    public void Different_cuts_have_different_hashes()
    {
        var tavern = HistoryGenerator.Generate(seed: 11);
        var runner = new ViewRunner(tavern.Index());
        var hashes = new HashSet<Hash>();
        foreach (var segment in tavern.Segments)
        {
            foreach (var record in segment.Records) runner.Add(record);
            Assert.True(hashes.Add(ViewHash.Of(runner.Read(tavern.Read).State)), $"{segment.Chain[segment.Last]} left no trace in the view.");
        }
    }

    /// <summary>All at once, in canonical order, with an index that knows nothing else.</summary>
    private static Hash FromScratch(TestTavern tavern, IReadOnlyCollection<Segment> segments)
    {
        var index = new CausalIndex();
        foreach (var segment in segments) TestTavern.Append(index, segment);
        var runner = new ViewRunner(index);
        foreach (var record in segments.SelectMany(segment => segment.Records).OrderBy(record => index.DepthOf(record.Id)).ThenBy(record => record.Id))
            runner.Add(record);
        return ViewHash.Of(runner.Read(tavern.Read).State);
    }
}
