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
        var tavern = HistoryGenerator.Generate(seed, steps: 60);
        var index = new CausalIndex();
        foreach (var segment in tavern.Shuffled(new SplitMix64(seed))) TestTavern.Append(index, segment);
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
        var tavern = HistoryGenerator.Generate(seed, steps: 60);
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

    private static (SortedDictionary<EventId, HashSet<EventId>> Pasts, Dictionary<EventId, long> Depths) Reachability(TestTavern tavern)
    {
        var (pasts, depths) = (new SortedDictionary<EventId, HashSet<EventId>>(), new Dictionary<EventId, long>());
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records))
        {
            var direct = (record.Header.Deps?.Heads ?? []).ToList();
            if (record.Id.Sequence > 1) direct.Add(record.Id.Chain[record.Id.Sequence - 1]);
            pasts[record.Id] = [.. direct, .. direct.SelectMany(cause => pasts[cause])];
            depths[record.Id] = 1 + direct.Select(cause => depths[cause]).DefaultIfEmpty(0).Max();
        }

        return (pasts, depths);
    }
}
