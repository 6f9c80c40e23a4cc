using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Causality;

/// <summary>The index against reachability over the graph of direct dependencies, which is computed without vector clocks.</summary>
public class CausalIndexTests
{
    private static readonly ChainId A = new(new AgentId(1), 1);
    private static readonly ChainId B = new(new AgentId(2), 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Order_clocks_and_depths_are_those_of_the_graph_whatever_the_order_of_delivery(ulong seed)
    {
        foreach (var tavern in new[] { HistoryGenerator.Generate(seed, steps: 60), ForkedHistory.Generate(seed, steps: 50) }) RequireGraph(tavern, seed);
    }

    private static void RequireGraph(TestTavern tavern, ulong seed)
    {
        var index = new CausalIndex();
        foreach (var segment in tavern.Shuffled(new SplitMix64(seed))) tavern.Branches.Append(index, segment);
        var (pasts, depths) = Reachability(tavern);
        foreach (var (id, past) in pasts)
        {
            Assert.True(depths[id] == index.DepthOf(id), $"Depth of {id}, seed {seed}.");
            var clock = VectorClock.Of(past.Append(id).Select(cause => new ClockEntry(cause.Chain, cause.Sequence)));
            Assert.True(clock.Equals(index.ClockAt(id)), $"Clock of {id}, seed {seed}.");
            Assert.Equal(clock, index.Close(VectorClock.Empty.Advance(id.Chain, id.Sequence)));
            foreach (var other in pasts.Keys)
            {
                Assert.True(past.Contains(other) == index.HappensBefore(other, id), $"{other} before {id}, seed {seed}.");
                var order = other == id ? CausalOrder.Equal
                    : past.Contains(other) ? CausalOrder.Before
                    : pasts[other].Contains(id) ? CausalOrder.After : CausalOrder.Concurrent;
                Assert.Equal(order, index.Compare(other, id));
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Writers_clocks_agree_with_the_graph(ulong seed)
    {
        foreach (var tavern in new[] { HistoryGenerator.Generate(seed, steps: 60), ForkedHistory.Generate(seed, steps: 50) })
            foreach (var (id, past) in Reachability(tavern).Pasts)
                foreach (var other in tavern.Records.Keys)
                    Assert.True(past.Contains(other) == tavern.HappensBefore(other, id), $"{other} before {id}, seed {seed}.");
    }

    [Fact]
    public void An_event_without_its_predecessor_is_refused_and_named()
    {
        var index = new CausalIndex();
        var gap = Assert.Throws<CausalGapException>(() => index.Append(A[2], []));
        Assert.Equal((A[2], A[1]), (gap.Needing, gap.Missing));
        Assert.Equal(0, index.HeadOf(A));
    }

    [Fact]
    public void An_event_without_a_dependency_is_refused_and_nothing_is_kept()
    {
        var index = new CausalIndex();
        var gap = Assert.Throws<CausalGapException>(() => index.Append(A[1], [B[3]]));
        Assert.Equal((A[1], B[3]), (gap.Needing, gap.Missing));
        Assert.False(index.Contains(A[1]));
        Assert.Equal(VectorClock.Empty, index.Heads);
    }

    [Fact]
    public void A_held_event_is_skipped()
    {
        var index = new CausalIndex();
        index.Append(A[1], []);
        index.Append(A[1], []);
        Assert.Equal(1, index.HeadOf(A));
    }

    [Fact]
    public void A_cut_that_names_events_that_are_not_held_cannot_be_closed()
    {
        var index = new CausalIndex();
        index.Append(A[1], []);
        Assert.Equal(A[2], Assert.Throws<CausalGapException>(() => index.Close(VectorClock.Empty.Advance(A, 5))).Missing);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_an_event_names_is_the_one_record_of_that_name_in_its_past(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        var (index, pasts, ambiguous) = (tavern.Index(), Reachability(tavern).Pasts, 0);
        foreach (var (by, past) in pasts)
            foreach (var named in tavern.Records.Keys.Select(id => id.Main).Distinct())
            {
                var meant = past.Where(id => id.Main == named).ToList();
                Assert.True((meant is [var only] ? only : (EventId?)null) == index.Meant(by, named), $"{named} in the past of {by}, seed {seed}.");
                if (meant.Count > 1) ambiguous++;
            }

        Assert.True(ambiguous > 0, $"No event of seed {seed} knows two lines.");
    }

    [Fact]
    public void A_branch_holds_what_lies_above_the_line_it_leaves_and_knows_what_that_line_knew()
    {
        var (index, branch) = (new CausalIndex(), A with { Branch = 1 });
        index.Append(B[1], []);
        index.Append(A[1], []);
        index.Append(A[2], [B[1]]);
        index.Append(A[3], []);
        index.Append(branch[3], [], A[2]);
        index.Append(branch[4], []);
        Assert.Equal((false, true, 3L, 4L), (index.Contains(branch[2]), index.Contains(branch[3]), index.FirstOf(branch), index.HeadOf(branch)));
        Assert.Equal(VectorClock.Of([new ClockEntry(A, 2), new ClockEntry(branch, 4), new ClockEntry(B, 1)]), index.ClockAt(branch[4]));
        Assert.Equal((3L, 4L), (index.DepthOf(branch[3]), index.DepthOf(branch[4])));
        Assert.Equal(CausalOrder.Concurrent, index.Compare(A[3], branch[4]));
        Assert.False(index.HappensBefore(branch[2], branch[4]));
        Assert.Equal((A[2], A[1], A[1], branch[4]), (index.PredecessorOf(branch[3]), index.OnLineOf(branch[4], 1), index.PredecessorOf(A[2]), index.OnLineOf(branch[4], 4)));
        Assert.Equal([A, branch], index.BranchesOf(branch));
        Assert.Equal(6, index.CountOf(index.Heads));
        Assert.Equal([new CausalStep(A[1], A[2]), new CausalStep(A[2], branch[3])], CausalPath.Find(index, A[1], branch[3])!);
        Assert.True(CausalPath.Find(index, A[2], branch[3])!.Single().IsOntoBranch);
        Assert.Equal(branch[3], index.FirstKnowing(branch, A[1]));
    }

    [Fact]
    public void A_branch_that_follows_nothing_held_or_another_chain_is_refused_and_nothing_is_kept()
    {
        var (index, branch) = (new CausalIndex(), A with { Branch = 1 });
        index.Append(A[1], []);
        Assert.Equal(A[2], Assert.Throws<CausalGapException>(() => index.Append(branch[3], [], A[2])).Missing);
        Assert.Throws<ArgumentException>(() => index.Append(branch[3], [], A[1]));
        Assert.Throws<ArgumentException>(() => index.Append(branch[2], [], B[1]));
        Assert.Throws<CausalGapException>(() => index.Append(branch[2], []));
        Assert.Equal((0L, VectorClock.Empty.Advance(A, 1)), (index.HeadOf(branch), index.Heads));
    }

    private static (SortedDictionary<EventId, HashSet<EventId>> Pasts, Dictionary<EventId, long> Depths) Reachability(TestTavern tavern)
    {
        var (pasts, depths) = (new SortedDictionary<EventId, HashSet<EventId>>(), new Dictionary<EventId, long>());
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records))
        {
            var direct = tavern.Branches.DependenciesOf(record).ToList();
            if (tavern.Branches.PredecessorOf(record) is { } before) direct.Add(before);
            pasts[record.Id] = [.. direct, .. direct.SelectMany(cause => pasts[cause])];
            depths[record.Id] = 1 + direct.Select(cause => depths[cause]).DefaultIfEmpty(0).Max();
        }

        return (pasts, depths);
    }
}
