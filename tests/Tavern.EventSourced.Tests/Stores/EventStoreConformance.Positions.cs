using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

// Subscriptions: a position moves with what was emitted, from where it stands, and never back.
public abstract partial class EventStoreConformance
{
    [SkippableFact]
    public async Task A_position_is_kept_with_the_event_it_was_committed_with()
    {
        var author = await HeardAsync(3);
        var emitted = Emission(author.Next());
        await CommitAsync(emitted with { PositionSteps = [new PositionStep(Holder, "wörker ☂", 0, 2, author.Chain[4])] });
        await CommitAsync(new StoreBatch { PositionSteps = [new PositionStep(Holder, "another", 0, 4, null)] });
        await RestartAsync();
        Assert.Equal(
            [new SubscriptionPosition(Holder, "another", 4, null), new SubscriptionPosition(Holder, "wörker ☂", 2, author.Chain[4])],
            await PositionsAsync());
        Assert.Equal([], await Store.ReadPositionsAsync(OtherHolder, default).ToListAsync());
    }

    [SkippableFact]
    public async Task The_last_step_may_be_retried_with_its_batch()
    {
        var author = await HeardAsync(3);
        var batch = Emission(author.Next()) with { PositionSteps = [new PositionStep(Holder, "worker", 0, 1, author.Chain[4])] };
        for (var times = 0; times < 3; times++) await CommitAsync(batch);
        await RestartAsync();
        await CommitAsync(batch);
        Assert.Equal([new SubscriptionPosition(Holder, "worker", 1, author.Chain[4])], await PositionsAsync());
        Assert.Equal(4, (await Store.ReadRunsAsync(Holder, 1, default).ToListAsync()).Sum(run => run.Count));
    }

    [SkippableFact]
    public async Task Of_two_steps_from_one_position_the_second_is_refused_with_all_it_emitted()
    {
        var author = await HeardAsync(3);
        await CommitAsync(Emission(author.Next()) with { PositionSteps = [new PositionStep(Holder, "worker", 0, 1, author.Chain[4])] });
        var rival = Emission(author.Next());
        foreach (var to in (long[])[1, 2])
            Assert.Contains("'worker'", await RefusedAsync(rival with { PositionSteps = [new PositionStep(Holder, "worker", 0, to, author.Chain[5])] }), StringComparison.Ordinal);
        await RefusedAsync(rival with { PositionSteps = [new PositionStep(Holder, "worker", 1, 2, author.Chain[5]), new PositionStep(Holder, "worker", 1, 3, author.Chain[5])] });
        await CommitAsync(rival with { PositionSteps = [new PositionStep(Holder, "worker", 1, 2, author.Chain[5])] });
        Assert.Equal([new SubscriptionPosition(Holder, "worker", 2, author.Chain[5])], await PositionsAsync());
    }

    [SkippableFact]
    public async Task A_position_never_goes_back_nor_past_the_log_nor_names_what_is_not_held()
    {
        var author = await HeardAsync(3);
        await CommitAsync(new StoreBatch { PositionSteps = [new PositionStep(Holder, "worker", 0, 2, null)] });
        PositionStep[] refused =
        [
            new(Holder, "worker", 2, 1, null), new(Holder, "worker", 2, 4, null), new(Holder, "worker", 0, 1, null), new(Holder, "worker", 3, 3, null),
            new(Holder, "worker", 2, 3, author.Chain[4]), new(Holder, "worker", 2, 3, Chains.Author().Chain[1]),
            new(Holder, "", 0, 1, null), new(Holder, new string('x', 256), 0, 1, null), new(OtherHolder, "worker", 0, 1, null),
            new(Holder, "other", 1, 2, null), new(Holder, "other", 0, -1, null),
        ];
        foreach (var step in refused) await RefusedAsync(Batch(Chains.Author().Next()) with { PositionSteps = [step] });
        Assert.Equal([new SubscriptionPosition(Holder, "worker", 2, null)], await PositionsAsync());
    }

    [SkippableFact]
    public async Task A_subscription_can_be_made_at_the_start_of_an_empty_log()
    {
        var made = new StoreBatch { PositionSteps = [new PositionStep(Holder, "worker", 0, 0, null)] };
        await CommitAsync(made);
        await CommitAsync(made);
        await RestartAsync();
        Assert.Equal([new SubscriptionPosition(Holder, "worker", 0, null)], await PositionsAsync());
        Assert.False(made.IsEmpty);
    }

    [SkippableTheory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Whatever_rivals_try_each_place_is_stepped_over_once(ulong seed)
    {
        var random = new SplitMix64(seed);
        var author = await HeardAsync(5);
        var (length, steps) = (5L, new List<(long From, long To, EventId By)>());
        for (var turn = 0; turn < 60; turn++)
        {
            var at = steps.Count == 0 ? 0 : steps[^1].To;
            var (from, to) = (random.Below(3) == 0 ? random.Below((int)length) : at, 1L + random.Below((int)length));
            var legal = from == at && to > at;
            var batch = Emission(legal ? author.Next() : author.Fork(text: $"rival {turn}")) with
            {
                PositionSteps = [new PositionStep(Holder, "worker", from, to, author.Chain[length + 1])],
            };
            if (!legal)
            {
                await RefusedAsync(batch);
                continue;
            }

            for (var times = 1 + random.Below(2); times > 0; times--) await CommitAsync(batch);
            steps.Add((from, to, author.Chain[++length]));

            if (random.Below(5) == 0) await RestartAsync();
        }

        Assert.True(steps.Count > 3, $"seed {seed}: only {steps.Count} steps");
        Assert.Equal([new SubscriptionPosition(Holder, "worker", steps[^1].To, steps[^1].By)], await PositionsAsync());
        Assert.Equal(length, (await Store.ReadRunsAsync(Holder, 1, default).ToListAsync()).Sum(run => run.Count));
    }

    private async Task<List<SubscriptionPosition>> PositionsAsync() => await Store.ReadPositionsAsync(Holder, default).ToListAsync();

    /// <summary>A log of one chain; returns its author, for more.</summary>
    private async Task<TestAuthor> HeardAsync(int events)
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(events)) with { Runs = [new Run(Holder, 1, author.Chain, 1, events, 0, 0)] });
        return author;
    }

    /// <summary>One more event of the only chain of the log, in its place.</summary>
    private static StoreBatch Emission(Segment segment) =>
        Batch(segment) with { Runs = [new Run(Holder, segment.First, segment.Chain, segment.First, segment.Last, 0, 0)] };
}
