using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

/// <summary>Folds of chains that have forked, on nodes that heard the lines in different orders and so number them differently.</summary>
public class ForkProperties
{
    private const int ShufflesPerHistory = 20;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 25).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_legal_order_and_so_every_numbering_gives_the_same_view(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        var (expected, cut) = (new Node(tavern.Segments).Hash(), new Node(tavern.Segments).Cut);
        var (random, numberings) = (new SplitMix64(seed), new HashSet<string>());
        for (var shuffle = 0; shuffle < ShufflesPerHistory; shuffle++)
        {
            var node = new Node([]);
            var readOneIn = 1 + random.Below(20);
            foreach (var segment in tavern.Shuffled(random))
            {
                node.Deliver(segment);
                if (random.Below(readOneIn) == 0) node.Hash();
            }

            Assert.True(expected == node.Hash(), $"Another view, seed {seed}, shuffle {shuffle}.");
            Assert.True(cut.Equals(node.Cut) && cut.ToString() == node.Cut.ToString(), $"Another cut, seed {seed}, shuffle {shuffle}: {cut} and {node.Cut}.");
            numberings.Add(node.Index.Heads.ToString());
        }

        if (tavern.Segments.Any(segment => segment.Chain.Branch > 1)) Assert.True(numberings.Count > 1, $"No numbering was tried but one, seed {seed}.");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_fold_is_given_exactly_what_no_two_lines_of_the_cut_contradict_in_canonical_order(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        var (random, depths) = (new SplitMix64(seed), DepthsOf(tavern));
        for (var i = 0; i < 5; i++)
        {
            var node = new Node([]);
            foreach (var segment in tavern.Shuffled(random))
            {
                node.Deliver(segment);
                if (random.Below(10) != 0) continue;
                var expected = Unquarantined(node.Delivered).OrderBy(record => depths[record.Hash]).ThenBy(record => record.Id.Main).Select(record => record.Hash);
                var result = node.Hashes.Read(node.Branches.Read);
                Assert.True(expected.SequenceEqual(result.State), $"Other events after {node.Delivered.Count}, seed {seed}, shuffle {i}.");
                Assert.Equal(result.State.Count, result.Count);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_view_as_of_a_cut_is_the_fold_of_just_that_cut_on_a_node_that_never_held_more(ulong seed)
    {
        var tavern = ForkedHistory.Generate(seed);
        var random = new SplitMix64(seed);
        var whole = new Node(tavern.Shuffled(random));
        var before = whole.Hash();
        for (var i = 0; i < 10; i++)
        {
            var order = tavern.Shuffled(random);
            List<Segment> prefix = [.. order.Take(random.Below(order.Count + 1))];
            var alone = new Node(prefix);
            var cut = VectorClock.Of(prefix.SelectMany(segment => segment.Records).Select(record => whole.Branches.IdOf(record.Hash))
                .Select(id => new ClockEntry(id.Chain, id.Sequence)));
            var at = whole.View.At(cut);
            Assert.True(alone.Hash() == ViewHash.Of(at.Read(whole.Branches.Read).State), $"Another view at {prefix.Count} of {order.Count} segments, seed {seed}, cut {i}.");
            Assert.True(alone.Cut.Equals(CanonicalCut.Of(cut, whole.Index, id => whole.Branches.Read(id).Hash)), $"Another cut at {prefix.Count}, seed {seed}.");
            Assert.Equal(prefix.Sum(segment => segment.Records.Length), whole.Index.CountOf(cut));
            Assert.Equal(alone.Hashes.Read(alone.Branches.Read).State, whole.Hashes.At(cut).Read(whole.Branches.Read).State);
            Assert.Equal(before, whole.Hash());
        }
    }

    [Fact]
    public void A_caller_that_hands_events_over_is_asked_for_none_that_is_left_out()
    {
        var tavern = ForkedHistory.Generate(seed: 5);
        var node = new Node(tavern.Segments);
        while (node.View.NextUnfolded(max: 7) is { IsEmpty: false } next)
            foreach (var id in next) Assert.True(node.View.Take(tavern.Read(id)));
        var view = node.View.Read(id => throw new InvalidOperationException($"Nothing is left to read, yet {id} was asked for.")).State;
        Assert.Equal(new Node(tavern.Segments).Hash(), ViewHash.Of(view));
        Assert.True(view.IgnoredByRule[RuleIds.ForkQuarantined] > 0);
    }

    [Fact]
    public void The_generated_histories_have_every_kind_of_fork_and_epoch()
    {
        var views = Enumerable.Range(1, 25).Select(seed => ForkedHistory.Generate((ulong)seed).View()).ToList();
        var forks = views.SelectMany(view => view.Agents.Values.SelectMany(agent => agent.Forks.Values)).ToList();
        Assert.Contains(forks, fork => fork.LastShared == 0);
        Assert.Contains(forks, fork => fork.LastShared > 0);
        Assert.Contains(forks, fork => fork.Epoch > 1);
        Assert.Contains(forks, fork => fork.Proof is not null);
        Assert.Contains(forks, fork => fork.Proof is null);
        Assert.Contains(views, view => view.Agents[view.Founder!.Value].Forks.Count > 0);
        Assert.Contains(views, view => view.Agents.Values.Any(agent => agent.Waiting.Count > 0));
        Assert.Contains(views, view => view.Agents.Values.Any(agent => agent.Forks.Count > 0 && agent.Endorsed.Keys.Except(agent.Waiting).Any()));
    }

    /// <summary>By the definition: of each chain, what lies below the lowest sequence that two records share.</summary>
    private static IEnumerable<EventRecord> Unquarantined(List<EventRecord> records)
    {
        var limits = records.GroupBy(record => record.Id.Main).Where(place => place.Count() > 1).GroupBy(place => place.Key.Chain)
            .ToDictionary(chain => chain.Key, chain => chain.Min(place => place.Key.Sequence));
        return records.Where(record => record.Id.Sequence < limits.GetValueOrDefault(record.Id.Chain.Main, long.MaxValue));
    }

    private static Dictionary<Hash, long> DepthsOf(TestTavern tavern)
    {
        var depths = new Dictionary<Hash, long>();
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records))
        {
            var causes = tavern.Branches.DependenciesOf(record).ToList();
            if (tavern.Branches.PredecessorOf(record) is { } before) causes.Add(before);
            depths[record.Hash] = 1 + causes.Select(id => depths[tavern.Read(id).Hash]).DefaultIfEmpty(0).Max();
        }

        return depths;
    }

    /// <summary>What one node holds, under its own numbers.</summary>
    private sealed class Node
    {
        public Node(IEnumerable<Segment> segments)
        {
            (View, Hashes) = (new ViewRunner(Index), new FoldRunner<ImmutableList<Hash>>(new InOrder(), Index));
            foreach (var segment in segments) Deliver(segment);
        }

        public LocalBranches Branches { get; } = new();

        public CausalIndex Index { get; } = new();

        public ViewRunner View { get; }

        public FoldRunner<ImmutableList<Hash>> Hashes { get; }

        public List<EventRecord> Delivered => [.. Branches.Records.Values];

        public CanonicalCut Cut => CanonicalCut.Of(View.Clock, Index, id => Branches.Read(id).Hash);

        public void Deliver(Segment segment)
        {
            foreach (var record in Branches.Place(segment).Records)
            {
                Branches.Append(Index, record);
                Assert.True(View.Add(record));
                Assert.True(Hashes.Add(record));
            }
        }

        public Hash Hash()
        {
            var result = View.Read(Branches.Read);
            Assert.Empty(result.Poison);
            return ViewHash.Of(result.State);
        }
    }

    private sealed class InOrder : Fold<ImmutableList<Hash>>
    {
        public override string Name => "in order";

        public override int Version => 1;

        public override ImmutableList<Hash> Initial => [];

        public override ImmutableList<Hash> Apply(ImmutableList<Hash> state, EventRecord record, CausalPast past) => state.Add(record.Hash);
    }
}
