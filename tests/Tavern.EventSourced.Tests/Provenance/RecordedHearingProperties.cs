using System.Runtime.InteropServices;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Provenance;

/// <summary>Who had heard what in random recorded executions, against their vector clocks read one by one.</summary>
public class RecordedHearingProperties
{
    private const int Runs = 100;

    [Fact]
    public void Whoever_had_heard_an_event_has_a_clock_that_says_so_and_since_the_first_of_them()
    {
        var (heard, unshown) = (0, 0);
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            var recorded = new Recorded(new SplitMix64(seed));
            foreach (var id in recorded.All)
            {
                var hearing = recorded.Require(id, recorded.Index.Heads, $"seed {seed}");
                Assert.True(hearing.Complete, $"seed {seed}");
                (heard, unshown) = (heard + hearing.Since.Length, unshown + hearing.Unshown.Length);
            }
        }

        Assert.True(heard > 1000 && unshown > 1000, $"{heard} heard, {unshown} did not: too few of one kind to mean something");
    }

    [Fact]
    public void What_is_not_below_the_cut_shows_nothing_and_is_said_to_be_missing()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            var random = new SplitMix64(seed);
            var recorded = new Recorded(random);
            var cut = recorded.Index.ClockAt(recorded.All[random.Below(recorded.All.Count)]).Merge(recorded.Index.ClockAt(recorded.All[random.Below(recorded.All.Count)]));
            foreach (var id in recorded.All.Where(cut.Covers))
                Assert.Equal(recorded.Index.CountOf(cut) == recorded.All.Count, recorded.Require(id, cut, $"seed {seed}").Complete);
        }
    }

    [Fact]
    public void The_first_to_show_it_comes_first()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            var recorded = new Recorded(new SplitMix64(seed));
            foreach (var id in recorded.All)
            {
                var since = recorded.Of(id, recorded.Index.Heads).Since;
                for (var i = 1; i < since.Length; i++)
                    Assert.False(recorded.Index.HappensBefore(since[i], since[i - 1]), $"seed {seed}: {since[i]} is shown after {since[i - 1]}");
            }
        }
    }

    /// <summary>A random execution that was read from its log, whose lines are in any order.</summary>
    private sealed class Recorded
    {
        private readonly Dictionary<EventId, Dictionary<ChainId, long>> _clocks = [];
        private readonly List<ChainId> _chains;

        public Recorded(SplitMix64 random)
        {
            var lines = ClockOrderProperties.Execution(random, hosts: 1 + random.Below(8), events: 1 + random.Below(60));
            random.Shuffle(CollectionsMarshal.AsSpan(lines));
            var history = HistoryTexts.ReadLog(ClockOrderProperties.Text(lines));
            _chains = [.. history.Speakers.Select((_, i) => new ChainId(new AgentId((UInt128)(i + 1)), 1))];
            foreach (var one in history.Events)
                Index.Append(_chains[one.Id.Speaker][one.Id.Sequence], [.. one.Heads.Select(head => _chains[head.Speaker][head.Sequence])]);
            foreach (var (host, clock) in lines)
                _clocks.Add(ChainOf(host)[clock[host]], clock.Where(entry => entry.Value > 0).ToDictionary(entry => ChainOf(entry.Key), entry => entry.Value));

            ChainId ChainOf(string host) => _chains[history.Speakers.IndexOf(host)];
        }

        public CausalIndex Index { get; } = new();

        public List<EventId> All => [.. _clocks.Keys.Order()];

        public RecordedHearing Of(EventId id, VectorClock cut) => RecordedHearing.Of(Index, cut, id, _chains.Select(chain => chain.Agent), _clocks.Count);

        public RecordedHearing Require(EventId id, VectorClock cut, string where)
        {
            var hearing = Of(id, cut);
            var first = _chains.Where(chain => chain != id.Chain).ToDictionary(chain => chain.Agent, chain => _clocks
                .Where(one => one.Key.Chain == chain && cut.Covers(one.Key) && one.Value.GetValueOrDefault(id.Chain) >= id.Sequence)
                .Select(one => (EventId?)one.Key).OrderBy(one => one!.Value.Sequence).FirstOrDefault());
            Assert.True(first.Values.OfType<EventId>().ToHashSet().SetEquals(hearing.Since) && hearing.Since.Distinct().Count() == hearing.Since.Length, $"{where}: {id} was heard since {string.Join(", ", hearing.Since)}");
            Assert.True(first.Where(pair => pair.Value is null).Select(pair => pair.Key).Order().SequenceEqual(hearing.Unshown), $"{where}: {id} was not heard by {string.Join(", ", hearing.Unshown)}");
            return hearing;
        }
    }
}
