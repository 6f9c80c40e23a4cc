using Tavern.EventSourced.Events;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views;

public class FieldTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_field_keeps_exactly_the_maximal_candidates_and_the_best_one_wins(ulong seed)
    {
        var tavern = HistoryGenerator.Generate(seed, steps: 80, agentsMax: 6);
        var index = tavern.Index();
        var order = Comparer<int>.Create((a, b) => (a % 3).CompareTo(b % 3));
        var contested = 0;
        foreach (var comparer in new[] { null, order })
        {
            var (written, runner) = (new List<Candidate<int>>(), new FoldRunner<Field<int>?>(new EveryEvent(comparer), index));
            foreach (var record in tavern.Records.Values.OrderBy(record => index.DepthOf(record.Id)).ThenBy(record => record.Id))
            {
                runner.Add(record);
                written.Add(EveryEvent.CandidateOf(record, index.DepthOf(record.Id)));
                var expected = written.Where(one => !written.Exists(other => tavern.HappensBefore(one.Event, other.Event)))
                    .OrderByDescending(one => comparer is null ? 0 : one.Value % 3).ThenByDescending(one => one.Depth).ThenByDescending(one => one.Hash).ToList();
                var field = runner.Read(tavern.Read).State!;
                Assert.True(expected.SequenceEqual(field.Candidates), $"Other candidates at {record.Id}, seed {seed}.");
                Assert.Equal((expected[0].Value, expected[0].Event, expected[0].Rule), (field.Value, field.DecidedBy, field.Rule));
                Assert.Equal(expected.Select(one => one.Value).Distinct().Count() > 1, field.Contested);
                contested += field.Contested ? 1 : 0;
            }
        }

        Assert.NotEqual(0, contested);
    }

    private sealed class EveryEvent(IComparer<int>? order) : Fold<Field<int>?>
    {
        public override string Name => "every-event";

        public override int Version => 1;

        public override Field<int>? Initial => null;

        public static Candidate<int> CandidateOf(EventRecord record, long depth) =>
            new(record.Hash.ToByteArray()[0] % 8, record.Id, depth, record.Hash, record.Header.Type);

        public override Field<int>? Apply(Field<int>? state, EventRecord record, CausalPast past)
        {
            var candidate = CandidateOf(record, past.Depth);
            return state is null ? Field<int>.Of(candidate) : state.With(candidate, past, order);
        }
    }
}
