using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

public class FoldRunnerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Events_are_folded_once_each_in_canonical_order_whenever_the_state_is_read(ulong seed)
    {
        var tavern = HistoryGenerator.Generate(seed, steps: 80);
        var (index, random) = (new CausalIndex(), new SplitMix64(seed));
        var runner = new FoldRunner<ImmutableList<EventId>>(new Ids(), index);
        var delivered = new List<EventRecord>();
        foreach (var record in tavern.Shuffled(random).SelectMany(segment => segment.Records))
        {
            index.Append(record.Id, record.Header.Deps?.Heads ?? []);
            Assert.True(runner.Add(record));
            delivered.Add(record);
            if (random.Below(10) != 0) continue;
            var expected = delivered.Select(one => one.Id).OrderBy(index.DepthOf).ThenBy(id => id);
            Assert.True(expected.SequenceEqual(runner.Read(tavern.Read).State), $"Another order after {delivered.Count} events, seed {seed}.");
        }
    }

    [Fact]
    public void A_late_event_refolds_from_a_checkpoint_near_its_place_and_a_batch_of_them_refolds_once()
    {
        var (tavern, index, runner) = NewRunner();
        var gandalf = tavern.Jake.Spawn("gandalf");
        for (var i = 0; i < 1000; i++) tavern.Jake.Write(new StatusReported(AgentActivity.Idle));
        foreach (var record in tavern.Segments.SelectMany(segment => segment.Records)) Deliver(record);
        Assert.Equal(1002, runner.Read(tavern.Read).Count);
        Assert.InRange(runner.CheckpointCount, 1, (2 * 10) + 2);

        for (var i = 0; i < 990; i++) gandalf.Write(new StatusReported(AgentActivity.Idle));
        var late = tavern.Segments.SelectMany(segment => segment.Records).Where(record => record.Id.Agent == gandalf.Id).ToList();
        foreach (var record in late) Deliver(record); // the first belongs 1000 back
        var read = 0;
        Assert.Equal(1002 + 990, runner.Read(Counting).Count);
        Assert.InRange(read, 990 + 1000, 990 + 1002);

        tavern.Jake.Hear(gandalf, segmentsMax: 980).Write(new StatusReported(AgentActivity.Idle));
        Deliver(tavern.Segments[^1].Records[0]);
        read = 0;
        runner.Read(Counting);
        Assert.InRange(read, 1, 60); // belongs some 20 back

        EventRecord Counting(EventId id)
        {
            read++;
            return tavern.Read(id);
        }

        void Deliver(EventRecord record)
        {
            index.Append(record.Id, record.Header.Deps?.Heads ?? []);
            runner.Add(record);
        }
    }

    [Fact]
    public void An_event_that_makes_the_fold_throw_is_recorded_and_skipped_and_folding_goes_on()
    {
        var tavern = new TestTavern(seed: 1);
        var (bad, good) = (tavern.Jake.WriteRaw("Throw", "{}"), tavern.Jake.Write(new TaskCreated("good")));
        var runner = new FoldRunner<ImmutableList<EventId>>(new Ids(), tavern.Index());
        foreach (var record in tavern.Records.Values) runner.Add(record);
        for (var i = 0; i < 2; i++)
        {
            var result = runner.Read(tavern.Read);
            Assert.Equal([new PoisonedEvent(bad, "FormatException: Thrown on purpose.")], result.Poison);
            Assert.Equal([tavern.Jake.Chain[1], good], result.State);
            Assert.Equal(3, result.Count);
        }
    }

    [Fact]
    public void A_reader_that_fails_poisons_nothing_and_the_next_read_goes_on()
    {
        var (tavern, _, runner) = NewRunner(new TaskCreated("task"));
        Assert.Throws<IOException>(() => runner.Read(id => id.Sequence == 2 ? throw new IOException("The disk is away.") : tavern.Read(id)));
        Assert.Equal(1, runner.UnfoldedCount);
        Assert.Empty(runner.Read(tavern.Read).Poison);
    }

    [Fact]
    public void A_fold_of_ones_own_event_types_is_given_only_what_it_wants()
    {
        var tavern = new TestTavern(seed: 1);
        tavern.Jake.WriteRaw("CoffeeBrewed", """{"cups":3}""");
        tavern.Jake.Write(new TaskCreated("task"));
        tavern.Jake.WriteRaw("CoffeeBrewed", """{"cups":4}""");
        var runner = new FoldRunner<int>(new Cups(), tavern.Index());
        foreach (var record in tavern.Records.Values) runner.Add(record);
        Assert.Equal(2, runner.UnfoldedCount);
        var result = runner.Read(tavern.Read);
        Assert.Equal((7, 2), (result.State, result.Count));
        Assert.Equal(tavern.Jake.Clock, runner.Clock);
    }

    [Fact]
    public void A_gap_is_refused_and_a_repetition_has_no_effect()
    {
        var (tavern, _, runner) = NewRunner(new TaskCreated("a"), new TaskCreated("b"));
        Assert.False(runner.Add(tavern.Read(tavern.Jake.Chain[2])));
        Assert.Equal(3, runner.Read(tavern.Read).Count);
        var empty = new FoldRunner<ImmutableList<EventId>>(new Ids(), tavern.Index());
        Assert.Equal(tavern.Jake.Chain[1], Assert.Throws<CausalGapException>(() => empty.Add(tavern.Read(tavern.Jake.Chain[2]))).Missing);
        Assert.Equal(VectorClock.Empty, empty.Clock);
    }

    [Fact]
    public void A_cut_that_is_open_or_not_held_is_refused_with_what_is_missing()
    {
        var tavern = new TestTavern(seed: 1);
        var gandalf = tavern.Jake.Spawn("gandalf");
        gandalf.Write(new StatusReported(AgentActivity.Idle));
        var runner = new FoldRunner<ImmutableList<EventId>>(new Ids(), tavern.Index());
        foreach (var record in tavern.Records.Values) runner.Add(record);
        var open = VectorClock.Of([new ClockEntry(gandalf.Chain, 1), new ClockEntry(tavern.Jake.Chain, 1)]);
        Assert.Equal(tavern.Jake.Chain[2], Assert.Throws<CausalGapException>(() => runner.At(open)).Missing);
        Assert.Equal(gandalf.Chain[2], Assert.Throws<CausalGapException>(() => runner.At(gandalf.Clock.Advance(gandalf.Chain, 9))).Missing);
        Assert.Equal(0, runner.At(VectorClock.Empty).Read(tavern.Read).Count);
    }

    [Fact]
    public void What_is_taken_out_of_turn_has_no_effect()
    {
        var (tavern, _, runner) = NewRunner(new TaskCreated("a"));
        Assert.False(runner.Take(tavern.Read(tavern.Jake.Chain[2])));
        Assert.Equal(tavern.Jake.Chain[1], Assert.Single(runner.NextUnfolded(max: 1)));
        Assert.True(runner.Take(tavern.Read(tavern.Jake.Chain[1])));
        Assert.Equal(1, runner.UnfoldedCount);
    }

    private static (TestTavern, CausalIndex, FoldRunner<ImmutableList<EventId>>) NewRunner(params ReadOnlySpan<TavernEvent> bodies)
    {
        var tavern = new TestTavern(seed: 1);
        var index = new CausalIndex();
        var runner = new FoldRunner<ImmutableList<EventId>>(new Ids(), index);
        if (bodies.Length == 0) return (tavern, index, runner);
        tavern.Jake.Write(bodies);
        foreach (var segment in tavern.Segments) TestTavern.Append(index, segment);
        foreach (var record in tavern.Records.Values) runner.Add(record);
        return (tavern, index, runner);
    }

    private sealed class Ids : Fold<ImmutableList<EventId>>
    {
        public override string Name => "ids";

        public override int Version => 1;

        public override ImmutableList<EventId> Initial => [];

        public override ImmutableList<EventId> Apply(ImmutableList<EventId> state, EventRecord record, CausalPast past) =>
            record.Header.Type == "Throw" ? throw new FormatException("Thrown on purpose.") : state.Add(record.Id);
    }

    private sealed class Cups : Fold<int>
    {
        public override string Name => "cups";

        public override int Version => 1;

        public override int Initial => 0;

        public override bool Wants(EventHeader header) => header.Type == "CoffeeBrewed";

        public override int Apply(int state, EventRecord record, CausalPast past)
        {
            using var json = System.Text.Json.JsonDocument.Parse(record.Payload);
            return state + json.RootElement.GetProperty("cups").GetInt32();
        }
    }
}
