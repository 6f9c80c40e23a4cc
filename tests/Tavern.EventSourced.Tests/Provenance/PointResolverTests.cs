using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class PointResolverTests
{
    // Jake spawns Gandalf (jake:1); Gandalf writes three, the third in answer to jake:2; Jake hears gandalf:2 before jake:3.
    private static CausalIndex Events
    {
        get
        {
            var index = new CausalIndex();
            index.Append(Jake.At(1), []);
            index.Append(Gandalf.At(1), [Jake.At(1)]);
            index.Append(Gandalf.At(2), []);
            index.Append(Jake.At(2), []);
            index.Append(Gandalf.At(3), [Jake.At(2)]);
            index.Append(Jake.At(3), [Gandalf.At(2)]);
            index.Append(Gandalf.At(1, 2), [Gandalf.At(3)]);
            return index;
        }
    }

    private static PointResolution Resolve(string text, bool close = false) => new PointResolver
    {
        FindAgent = name => NameList.IndexOf(name) is var index and >= 0 ? new AgentId((UInt128)(index + 1)) : name == "gandalf~0000" ? Gandalf : null,
        Events = Events,
        CausesOf = id => id == Gandalf.At(3) ? [Jake.At(2), Jake.At(1)] : [],
        TimeOf = id => new HybridTime(Ago(100 - 10 * id.Sequence).ToUnixTimeMilliseconds(), 0),
        Now = Now,
        Close = close,
    }.Resolve(PointSyntax.Parse(text));

    public static TheoryData<string, string> Found => new()
    {
        { "gandalf:2", "gandalf:2" },
        { "gandalf:3~2", "gandalf:1" },
        { "gandalf:3^", "jake:2" },
        { "gandalf:3^2", "jake:1" },
        { "gandalf:3^~1", "jake:1" },
        { "gandalf", "gandalf@2:1" },
        { "gandalf@1", "gandalf:3" },
        { "gandalf~0000:2", "gandalf:2" },
        { "00000000000000000000000000000002:2", "gandalf:2" },
    };

    [Theory]
    [MemberData(nameof(Found))]
    public void An_event_is_found_and_is_a_closed_cut(string text, string expected)
    {
        var found = Assert.IsType<PointResolution.Event>(Resolve(text));
        Assert.Equal(expected, Names.Of(found.Id));
        Assert.Equal(Events.ClockAt(found.Id), found.Clock);
    }

    [Theory]
    [InlineData("bilbo:1", "bilbo")]
    [InlineData("gandalf:9", "gandalf:9 is not held here; this copy of the chain ends at 3")]
    [InlineData("gandalf:3~3", "only 2 events before it")]
    [InlineData("gandalf:2^", "declares 0 causes")]
    [InlineData("frodo", "Nothing of frodo")]
    [InlineData("gandalf@7", "in epoch 7")]
    [InlineData("jake/bilbo", "bilbo")]
    [InlineData("jake:1..bilbo", "bilbo")]
    public void What_is_not_there_is_named(string text, string expected) =>
        Assert.Contains(expected, Assert.IsType<PointResolution.NotFound>(Resolve(text)).Reason);

    [Fact]
    public void A_cut_that_names_less_of_a_chain_than_it_depends_on_is_open()
    {
        var open = Assert.IsType<PointResolution.Open>(Resolve("jake:3,gandalf:1"));
        Assert.Equal([new EventRange(Gandalf.At(1).Chain, 2, 2)], open.Missing.AsEnumerable());
        Assert.Equal(new PointResolution.Cut(open.Closed, false, true), Resolve("jake:3,gandalf:1", close: true));
        Assert.Equal(Clock(Jake.At(3), Gandalf.At(2)), open.Closed);
    }

    [Fact]
    public void A_closed_cut_takes_what_it_needs_of_the_chains_it_does_not_name() =>
        Assert.Equal(new PointResolution.Cut(Clock(Jake.At(3), Gandalf.At(3), Gandalf.At(1, 2)), false, false), Resolve("jake:3,gandalf@2:1"));

    [Fact]
    public void A_view_is_its_observers_cut()
    {
        Assert.Equal(new PointResolution.Seen(Jake, Gandalf, Clock(Jake.At(2)), false), Resolve("jake:2/gandalf"));
        Assert.Equal(new PointResolution.Seen(Jake, Gandalf, Clock(Jake.At(3), Gandalf.At(2)), true), Resolve("jake/gandalf"));
    }

    [Fact]
    public void Ranges_hold_what_the_other_side_lacks()
    {
        var range = Assert.IsType<PointResolution.Range>(Resolve("jake:1..jake:3"));
        Assert.Equal([new EventRange(Jake.At(1).Chain, 2, 3), new EventRange(Gandalf.At(1).Chain, 1, 2)], range.Events.AsEnumerable());
        var apart = Assert.IsType<PointResolution.Apart>(Resolve("jake:3...gandalf:3"));
        Assert.Equal([new EventRange(Jake.At(1).Chain, 3, 3)], apart.OnlyLeft.AsEnumerable());
        Assert.Equal([new EventRange(Gandalf.At(1).Chain, 3, 3)], apart.OnlyRight.AsEnumerable());
    }

    [Fact]
    public void A_time_names_the_largest_closed_cut_and_says_that_it_is_approximate()
    {
        // Second events are 80 s old, third 70 s.
        Assert.Equal(new PointResolution.Cut(Clock(Jake.At(2), Gandalf.At(2)), true, false), Resolve("-75s"));
        Assert.Equal(new PointResolution.Cut(VectorClock.Empty, true, false), Resolve("2026-11-22T09:00Z"));
        Assert.Equal(new PointResolution.Cut(Events.Heads, true, false), Resolve("-1s"));
    }

    [Fact]
    public void The_cut_of_a_time_is_the_largest_closed_one_that_any_search_finds()
    {
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var history = new RandomHistory(seed, disksFail: true);
            var random = new SplitMix64(seed);
            var times = history.Events.Select(history.TimeOf).Order().ToList();
            if (times.Count == 0) continue;
            var time = times[random.Below(times.Count)];
            var cut = TimeCut.Of(history.Index, id => new HybridTime(history.TimeOf(id).ToUnixTimeMilliseconds(), 0), time);

            // An event belongs to it exactly when it and all its causes were written by then.
            foreach (var id in history.Events)
                Assert.True(cut.Covers(id) == history.Events.Where(history.Index.ClockAt(id).Covers).All(cause => history.TimeOf(cause) <= time), $"seed {seed}: {id} at {time:O} in {cut}");
        }
    }

    [Fact]
    public void Cuts_are_refused_exactly_when_a_named_chain_is_cut_short()
    {
        for (var seed = 1UL; seed <= 300; seed++)
        {
            var history = new RandomHistory(seed, disksFail: true);
            var random = new SplitMix64(seed);
            var heads = history.Index.Heads.Entries;
            if (heads.Length < 2) continue;
            var named = heads.Where(_ => random.Below(3) > 0).Select(entry => entry.Chain[1 + random.Below((int)entry.Sequence)]).ToList();
            if (named.Count < 2) continue;
            var resolver = new PointResolver { FindAgent = _ => null, Events = history.Index, Now = history.Now };
            var resolution = resolver.Resolve(PointSyntax.Parse(string.Join(',', named)));
            var needed = history.Events.Where(id => named.Exists(point => history.Index.ClockAt(point).Covers(id))).ToHashSet();
            var missing = needed.Where(id => named.Exists(point => point.Chain == id.Chain && point.Sequence < id.Sequence)).Order().ToList();
            var reported = resolution is PointResolution.Open open ? open.Missing : [];
            Assert.True(missing.SequenceEqual(reported.SelectMany(range => Enumerable.Range(0, (int)range.Count).Select(i => range.Chain[range.First + i])).Order()), $"seed {seed}: {string.Join(',', named)}");
            var closed = resolution is PointResolution.Open refused ? refused.Closed : PointResolver.CutOf(resolution)!;
            Assert.True(history.Events.All(id => closed.Covers(id) == needed.Contains(id)), $"seed {seed}: {string.Join(',', named)} closes to {closed}");
        }
    }
}
