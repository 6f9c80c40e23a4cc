using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Stores;

public abstract partial class EventStoreConformance
{
    [SkippableFact]
    public async Task A_log_is_the_sequence_of_its_runs()
    {
        var (author, other) = (Chains.Author(), Chains.Author());
        var runs = ThreeRuns(author.Chain, other.Chain);
        await CommitAsync(Batch(author.Next(5), other.Next(2)) with { Runs = [.. runs[..2]] });
        await CommitAsync(Batch(runs[2]));
        await RestartAsync();
        Assert.Equal([Holder], await Store.ReadHoldersAsync(default).ToListAsync());
        Assert.Equal(runs, await RunsAsync(0));
        Assert.Equal(runs, await RunsAsync(1));
        Assert.Equal(runs, await RunsAsync(3));
        Assert.Equal(runs[1..], await RunsAsync(4));
        Assert.Equal(runs[2..], await RunsAsync(6));
        Assert.Equal([], await RunsAsync(7));

        async Task<List<Run>> RunsAsync(long from) => await Store.ReadRunsAsync(Holder, from, default).ToListAsync();
    }

    [SkippableFact]
    public async Task An_event_is_found_through_the_run_that_delivered_it()
    {
        var (author, other) = (Chains.Author(), Chains.Author());
        var runs = ThreeRuns(author.Chain, other.Chain);
        await CommitAsync(Batch(author.Next(6), other.Next()) with { Runs = [.. runs] });
        await RestartAsync();
        Assert.Equal(runs[0], await Store.FindRunAsync(Holder, author.Chain[1], default));
        Assert.Equal(runs[0], await Store.FindRunAsync(Holder, author.Chain[3], default));
        Assert.Equal(runs[2], await Store.FindRunAsync(Holder, author.Chain[4], default));
        Assert.Equal(runs[1], await Store.FindRunAsync(Holder, other.Chain[1], default));
        Assert.Null(await Store.FindRunAsync(Holder, author.Chain[6], default));
        Assert.Null(await Store.FindRunAsync(Holder, author.Chain[0], default));
        Assert.Null(await Store.FindRunAsync(OtherHolder, author.Chain[1], default));
    }

    [SkippableFact]
    public async Task Agents_of_a_node_share_bodies_and_keep_logs_of_their_own()
    {
        var author = Chains.Author();
        var own = new Run(author.Chain.Agent, 1, author.Chain, 1, 2, 0, 0);
        await CommitAsync(Batch(author.Next(2)) with { Runs = [own] });
        var local = new Run(OtherHolder, 1, author.Chain, 1, 2, 1, 1);
        await CommitAsync(Batch(local));
        await RestartAsync();
        Assert.Equal(1, await Store.ReadSegmentsAsync(default).CountAsync());
        Assert.Equal([local], await Store.ReadRunsAsync(OtherHolder, 1, default).ToListAsync());
        Assert.Equal(new[] { author.Chain.Agent, OtherHolder }.Order(), await Store.ReadHoldersAsync(default).ToListAsync());
    }

    [SkippableFact]
    public async Task A_held_run_is_skipped()
    {
        var author = Chains.Author();
        var run = new Run(Holder, 1, author.Chain, 1, 2, 3, 4);
        await CommitAsync(Batch(author.Next(2)) with { Runs = [run, run] });
        await CommitAsync(Batch(run));
        await RestartAsync();
        Assert.Equal([run], await Store.ReadRunsAsync(Holder, 1, default).ToListAsync());
    }

    [SkippableFact]
    public async Task Runs_that_do_not_continue_the_log_are_refused()
    {
        var (author, other) = (Chains.Author(), Chains.Author());
        var held = new Run(Holder, 1, author.Chain, 1, 2, 1, 1);
        await CommitAsync(Batch(author.Next(4), other.Next(2)) with { Runs = [held] });
        var next = new Run(Holder, 3, author.Chain, 3, 4, 1, 2);
        Run[] refused =
        [
            // a hole, or a held place
            next with { Position = 4 }, next with { Position = 2 }, next with { Position = 0 }, next with { Position = -1 },
            // another run in its place
            held with { Hop = 2 }, held with { Receipt = 2 }, held with { Last = 1 }, held with { Chain = other.Chain },
            // out of turn, or nothing
            next with { First = 4 }, next with { First = 2 }, next with { Last = 2 }, next with { Holder = OtherHolder },
            // bodies that are not held
            next with { Last = 5 }, next with { Chain = Chains.Author().Chain, First = 1, Last = 1 },
        ];
        foreach (var run in refused) await RefusedAsync(Batch(Chains.Author().Next()) with { Runs = [run] });
        await CommitAsync(Batch(next));
        await RestartAsync();
        Assert.Equal([held, next], await Store.ReadRunsAsync(Holder, 1, default).ToListAsync());
    }

    [SkippableFact]
    public async Task Receipts_keep_every_field_and_are_read_by_number()
    {
        var at = new DateTimeOffset(2026, 11, 22, 9, 14, 1, TimeSpan.Zero).AddTicks(7);
        var delivered = new Receipt(Holder, 1, OtherHolder, ulong.MaxValue, DeliveryMode.Imported, at, int.MaxValue, ReceiptOutcome.Delivered);
        var failed = new Receipt(
            Holder, 3, OtherHolder, 0, DeliveryMode.Network, DateTimeOffset.UnixEpoch.AddDays(-1), 0, ReceiptOutcome.Unreachable, "no answer; näh ☂", 12);
        await CommitAsync(new StoreBatch { Receipts = [failed, delivered, delivered with { Holder = OtherHolder }] });
        await RestartAsync();
        Assert.Equal([delivered, failed], await ReceiptsAsync(0));
        Assert.Equal([failed], await ReceiptsAsync(1));
        Assert.Equal([], await ReceiptsAsync(3));
        Assert.Equal(failed, await Store.FindReceiptAsync(Holder, 3, default));
        Assert.Null(await Store.FindReceiptAsync(Holder, 2, default));
        Assert.Equal([], await Store.ReadHoldersAsync(default).ToListAsync());

        async Task<List<Receipt>> ReceiptsAsync(long after) => await Store.ReadReceiptsAsync(Holder, after, default).ToListAsync();
    }

    [SkippableFact]
    public async Task Equal_failures_coalesce_and_a_late_retry_does_not_undo_it()
    {
        var once = new Receipt(Holder, 1, OtherHolder, 5, DeliveryMode.Network, DateTimeOffset.UnixEpoch, 0, ReceiptOutcome.Unreachable, "no answer");
        var twice = once with { Count = 2, Exchange = 6, At = DateTimeOffset.UnixEpoch.AddSeconds(1) };
        await CommitAsync(new StoreBatch { Receipts = [once] });
        await CommitAsync(new StoreBatch { Receipts = [twice] });
        await CommitAsync(new StoreBatch { Receipts = [once] });
        await RestartAsync();
        Assert.Equal(twice, await Store.FindReceiptAsync(Holder, 1, default));
    }

    [SkippableFact]
    public async Task A_key_returns_the_event_it_appended_and_belongs_to_one_request()
    {
        var author = Chains.Author();
        var entry = new IdempotencyEntry(author.Chain.Agent, "Schlüssel 1", Hash.Of("request"u8), author.Chain[2]);
        await CommitAsync(Batch(author.Next(3)) with { IdempotencyEntries = [entry] });
        await CommitAsync(new StoreBatch { IdempotencyEntries = [entry] });
        await RestartAsync();
        Assert.Equal(entry, await Store.FindIdempotencyAsync(entry.Agent, entry.Key, default));
        Assert.Null(await Store.FindIdempotencyAsync(entry.Agent, "another", default));
        Assert.Null(await Store.FindIdempotencyAsync(OtherHolder, entry.Key, default));
        await RefusedAsync(Batch(author.Next()) with { IdempotencyEntries = [entry with { RequestHash = Hash.Of("other"u8) }] });
        await RefusedAsync(new StoreBatch { IdempotencyEntries = [entry with { Event = author.Chain[1] }] });
        await RefusedAsync(new StoreBatch { IdempotencyEntries = [entry with { Key = "new", Event = author.Chain[4] }] });
        Assert.Equal(entry, await Store.FindIdempotencyAsync(entry.Agent, entry.Key, default));
        Assert.Null(await Store.FindIdempotencyAsync(entry.Agent, "new", default));
    }

    [SkippableFact]
    public async Task A_refused_batch_leaves_receipts_and_keys_as_they_were()
    {
        var author = Chains.Author();
        var receipt = new Receipt(Holder, 1, OtherHolder, 5, DeliveryMode.Network, DateTimeOffset.UnixEpoch, 0, ReceiptOutcome.Paused);
        await CommitAsync(Batch(author.Next()) with { Receipts = [receipt] });
        var entry = new IdempotencyEntry(Holder, "key", default, author.Chain[1]);
        await RefusedAsync(new StoreBatch
        {
            Receipts = [receipt with { Count = 2 }, receipt with { Number = 2 }],
            IdempotencyEntries = [entry, entry with { Key = "second", Event = author.Chain[9] }],
        });
        Assert.Equal([receipt], await Store.ReadReceiptsAsync(Holder, 0, default).ToListAsync());
        Assert.Null(await Store.FindIdempotencyAsync(Holder, "key", default));
    }

    private static Run[] ThreeRuns(ChainId author, ChainId other) =>
        [new(Holder, 1, author, 1, 3, 0, 0), new(Holder, 4, other, 1, 1, 2, 7), new(Holder, 5, author, 4, 5, 1, 8)];
}
