using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

public abstract partial class EventStoreConformance
{
    [SkippableFact]
    public async Task Lines_of_a_forked_chain_are_kept_side_by_side_and_read_with_their_numbers()
    {
        var author = Chains.Author();
        var common = author.Next(5);
        var (one, two) = (author.Line(1), author.Line(2));
        Segment[] segments = [common, author.Next(2), one.Next(), two.Next(3), one.Next(2), author.Next()];
        await CommitAsync(Batch(segments[..3]));
        await CommitAsync(Batch(segments[3..]));
        await RestartAsync();

        var expected = StoreContents.Describe(segments.Select(segment => new StoredSegment(segment, Verified: true)), [], []);
        Assert.Equal(expected, await StoreContents.DescribeAsync(Store));
        Assert.Equal([author.Chain[1], .. Ids(author.Chain, 2, 8)], await IdsAsync(author.Chain));
        Assert.Equal(Ids(one.Chain, 6, 8), await IdsAsync(one.Chain));
        Assert.Equal(Ids(two.Chain, 6, 8), await IdsAsync(two.Chain));
        Assert.Equal(Ids(two.Chain, 6, 7), await IdsAsync(two.Chain, 0, 7));
        Assert.Equal([], await IdsAsync(author.Line(3).Chain));
        Assert.Equal(segments[3].Records[1].Hash, (await Store.FindRecordAsync(two.Chain[7], default))!.Hash);
        Assert.Equal(segments[1].Records[1].Hash, (await Store.FindRecordAsync(author.Chain[7], default))!.Hash);
        Assert.Null(await Store.FindRecordAsync(one.Chain[5], default)); // it is on the line that this one leaves

        static List<EventId> Ids(ChainId chain, long first, long last) =>
            [.. Enumerable.Range((int)first, (int)(last - first) + 1).Select(sequence => chain[sequence])];

        async Task<List<EventId>> IdsAsync(ChainId chain, long first = 1, long last = long.MaxValue) =>
            [.. (await Store.ReadRecordsAsync(chain, first, last, default).ToListAsync()).Select(record => record.Id)];
    }

    [SkippableFact]
    public async Task A_branch_can_leave_a_branch_and_can_begin_at_the_first_record()
    {
        var author = Chains.Author();
        var common = author.Next(2);
        var line = author.Line(1);
        var onLine = line.Next(2);
        var fork = line.Line(2);
        List<Segment> stored = [common, author.Next(), onLine, fork.Next(), line.Next()];
        await CommitAsync(Batch([.. stored]));

        var other = Chains.Author();
        var rival = other.Line(1);
        stored.AddRange([other.Next(), rival.Next(2), other.Next()]);
        await CommitAsync(Batch([.. stored[5..]]));
        await RestartAsync();
        Assert.Equal(StoreContents.Describe(stored.Select(segment => new StoredSegment(segment, Verified: true)), [], []), await StoreContents.DescribeAsync(Store));
        Assert.Equal(rival.Chain[1], (await Store.ReadRecordsAsync(rival.Chain, 1, 1, default).SingleAsync()).Id);
    }

    [SkippableFact]
    public async Task A_branch_that_leaves_no_held_record_is_refused()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(3)));
        var (line, elsewhere) = (author.Line(1), author.Line(1));
        _ = elsewhere.Next();
        Assert.Contains("no line of", await RefusedAsync(Batch(elsewhere.Next())), StringComparison.Ordinal); // it follows a record that is not held
        var unknown = Chains.Author();
        _ = unknown.Next();
        Assert.Contains("no line of", await RefusedAsync(Batch(unknown.Line(1).Next())), StringComparison.Ordinal);
        await CommitAsync(Batch(author.Next(), line.Next()));
        _ = line.Next();
        Assert.Contains("does not continue", await RefusedAsync(Batch(line.Next())), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Branches_come_in_any_order_of_their_numbers()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(3)));
        var (two, five) = (author.Line(2), author.Line(5));
        await CommitAsync(Batch(five.Next(), author.Next(), two.Next()));
        await RestartAsync();
        Assert.Equal(five.Chain[4], (await Store.FindRecordAsync(five.Chain[4], default))!.Id);
        Assert.Equal(two.Chain[4], (await Store.FindRecordAsync(two.Chain[4], default))!.Id);
        Assert.Null(await Store.FindRecordAsync(author.Line(1).Chain[4], default));
    }

    [SkippableFact]
    public async Task A_branch_is_neither_overwritten_nor_numbered_anew()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(3)));
        var (one, two) = (author.Line(1), author.Line(2));
        var (onMain, onOne) = (author.Next(), one.Next(2));
        await CommitAsync(Batch(onMain, onOne));
        await RefusedAsync(Batch(two.Next(2).InBranch(1)));
        Assert.Contains($"held already as {one.Chain[5]}", await RefusedAsync(Batch(onOne.InBranch(2))), StringComparison.Ordinal);
        await RefusedAsync(Batch(onMain.InBranch(1)));
        await RefusedAsync(Batch(onOne.InBranch(0)));
        await RefusedAsync(Batch(new Segment(onMain.Records, onMain.Signature).InBranch(2)));
    }

    [SkippableFact]
    public async Task A_segment_that_parts_from_another_in_its_middle_is_kept_whole()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(2)));
        var line = author.Line(1);
        var first = author.Next(TestAuthor.Note("same"), TestAuthor.Note("this"));
        var second = line.Next(TestAuthor.Note("same"), TestAuthor.Note("that"));
        Assert.Equal(first.Records[0].Hash, second.Records[0].Hash);
        await CommitAsync(Batch(first, second));
        await RestartAsync();
        Assert.Equal(second.Records[0].Hash, (await Store.FindRecordAsync(line.Chain[3], default))!.Hash);
        Assert.Equal(second.Records[1].Hash, (await Store.FindRecordAsync(line.Chain[4], default))!.Hash);
        Assert.Equal(first.Records[1].Hash, (await Store.FindRecordAsync(author.Chain[4], default))!.Hash);
    }

    [SkippableFact]
    public async Task A_held_branch_is_skipped_and_its_signatures_are_marked()
    {
        var author = Chains.Author();
        var common = author.Next(2);
        var line = author.Line(1);
        var fork = new StoredSegment(line.Next(2), Verified: false);
        await CommitAsync(Batch(common, author.Next()));
        await CommitAsync(new StoreBatch { Segments = [fork, fork] });
        await RestartAsync();
        await CommitAsync(new StoreBatch { Segments = [fork] });
        Assert.False(await IsVerifiedAsync());
        await Store.MarkVerifiedAsync([line.Chain[1], line.Chain[3], author.Line(2).Chain[4]], default);
        Assert.False(await IsVerifiedAsync());
        await Store.MarkVerifiedAsync([line.Chain[4]], default);
        await RestartAsync();
        Assert.True(await IsVerifiedAsync());

        async Task<bool> IsVerifiedAsync() => (await Store.ReadChainAsync(line.Chain, 1, long.MaxValue, default).SingleAsync()).Verified;
    }

    [SkippableFact]
    public async Task A_log_delivers_a_branch_from_where_it_begins_once_it_has_what_the_branch_follows()
    {
        var author = Chains.Author();
        var common = author.Next(3);
        var line = author.Line(1);
        await CommitAsync(Batch(common, author.Next(), line.Next(2)));
        Assert.Contains("has not delivered", await RefusedAsync(Batch(new Run(Holder, 1, line.Chain, 4, 5, 1, 1))), StringComparison.Ordinal);
        await CommitAsync(Batch(new Run(Holder, 1, author.Chain, 1, 2, 1, 1)));
        Assert.Contains("has not delivered", await RefusedAsync(Batch(new Run(Holder, 3, line.Chain, 4, 5, 1, 1))), StringComparison.Ordinal);
        await CommitAsync(Batch(new Run(Holder, 3, author.Chain, 3, 3, 1, 1)));
        await RefusedAsync(Batch(new Run(Holder, 4, line.Chain, 1, 4, 1, 1)));
        await RefusedAsync(Batch(new Run(Holder, 4, line.Chain, 5, 5, 1, 1)));
        await RefusedAsync(Batch(new Run(Holder, 4, line.Chain, 4, 6, 1, 1)));
        await RefusedAsync(Batch(new Run(Holder, 4, author.Line(2).Chain, 4, 4, 1, 1)));
        Run[] runs = [new(Holder, 4, line.Chain, 4, 4, 2, 2), new(Holder, 5, author.Chain, 4, 4, 1, 3), new(Holder, 6, line.Chain, 5, 5, 1, 3)];
        await CommitAsync(Batch(runs));
        await CommitAsync(Batch(runs[0]));
        await RestartAsync();
        Assert.Equal(runs, await Store.ReadRunsAsync(Holder, 4, default).ToListAsync());
        Assert.Equal(runs[0], await Store.FindRunAsync(Holder, line.Chain[4], default));
        Assert.Equal(runs[2], await Store.FindRunAsync(Holder, line.Chain[5], default));
        Assert.Equal(runs[1], await Store.FindRunAsync(Holder, author.Chain[4], default));
        Assert.Null(await Store.FindRunAsync(Holder, line.Chain[3], default));
    }

    [SkippableFact]
    public async Task Keys_and_positions_name_events_on_branches()
    {
        var author = Chains.Author();
        var common = author.Next(2);
        var line = author.Line(1);
        await CommitAsync(Batch(common, author.Next(), line.Next()) with { Runs = [new Run(Holder, 1, author.Chain, 1, 3, 1, 1)] });
        var entry = new IdempotencyEntry(Holder, "asked", Hash.Of("it"u8), line.Chain[3]);
        await CommitAsync(new StoreBatch { IdempotencyEntries = [entry, entry], PositionSteps = [new PositionStep(Holder, "reader", 0, 2, line.Chain[3])] });
        await RestartAsync();
        await CommitAsync(new StoreBatch { IdempotencyEntries = [entry] });
        Assert.Equal(entry, await Store.FindIdempotencyAsync(Holder, "asked", default));
        Assert.Equal(line.Chain[3], (await Store.ReadPositionsAsync(Holder, default).SingleAsync()).By);
        await RefusedAsync(new StoreBatch { IdempotencyEntries = [entry with { Key = "below", Event = line.Chain[2] }] });
        await RefusedAsync(new StoreBatch { PositionSteps = [new PositionStep(Holder, "reader", 2, 3, line.Chain[2])] });
    }
}
