using Tavern.EventSourced.Events;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

public abstract partial class EventStoreConformance
{
    [SkippableFact]
    public async Task A_new_store_holds_nothing()
    {
        Assert.Equal("", await StoreContents.DescribeAsync(Store));
        Assert.Null(await Store.FindRecordAsync(Chains.Founder.Chain[1], default));
        await CommitAsync(new StoreBatch());
        Assert.Equal("", await StoreContents.DescribeAsync(Store));
    }

    [SkippableFact]
    public async Task Segments_are_read_verbatim_in_the_order_of_their_commits()
    {
        var (gandalf, spawn) = Chains.Spawn("gandalf");
        Segment[] segments = [Chains.Founding, spawn, gandalf.Next(3), Chains.Founder.NextAfter(gandalf), gandalf.Next()];
        await CommitAsync(Batch(segments[..2]));
        await CommitAsync(Batch(segments[2..]));
        await RestartAsync();
        var expected = StoreContents.Describe(segments.Select(segment => new StoredSegment(segment, Verified: true)), [], []);
        Assert.Equal(expected, await StoreContents.DescribeAsync(Store));
    }

    [SkippableFact]
    public async Task Header_fields_nobody_knows_survive()
    {
        var known = Chains.Founding.Records[0];
        byte[] header = [.. known.HeaderBytes.Span, 0xA2, 0x06, 0x03, .. "new"u8]; // field 100, three bytes
        var record = EventRecord.Parse(header, known.Payload);
        await CommitAsync(Batch(new Segment([record], Chains.Founding.Signature)));
        await RestartAsync();
        Assert.Equal(StoreContents.Describe(record), StoreContents.Describe((await Store.FindRecordAsync(record.Id, default))!));
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(EventLimits.PayloadBytesMax)]
    public async Task Payloads_of_every_size_are_kept(int bytes)
    {
        var payload = Enumerable.Range(0, bytes).Select(i => (byte)(i * 31)).ToArray();
        var segment = Chains.Author().Next(new EventDraft("Blob", 1, payload));
        await CommitAsync(Batch(segment));
        await RestartAsync();
        var record = await Store.FindRecordAsync(segment.Records[0].Id, default);
        Assert.True(record!.Payload.Span.SequenceEqual(payload));
    }

    [SkippableFact]
    public async Task A_chain_is_read_in_whole_segments_that_overlap_the_range()
    {
        var (author, other) = (Chains.Author(), Chains.Author());
        await CommitAsync(Batch(author.Next(2), other.Next(), author.Next(3), author.Next(), other.Next(), author.Next(2)));
        await RestartAsync();
        Assert.Equal([(1, 2), (3, 5), (6, 6), (7, 8)], await RangesAsync(1, long.MaxValue));
        Assert.Equal([(1, 2), (3, 5)], await RangesAsync(2, 3));
        Assert.Equal([(3, 5)], await RangesAsync(4, 4));
        Assert.Equal([(7, 8)], await RangesAsync(8, 20));
        Assert.Equal([], await RangesAsync(9, 20));
        Assert.Equal([], await RangesAsync(5, 4));

        async Task<List<(long, long)>> RangesAsync(long first, long last)
        {
            List<(long, long)> ranges = [];
            await foreach (var (segment, _) in Store.ReadChainAsync(author.Chain, first, last, default)) ranges.Add((segment.First, segment.Last));
            return ranges;
        }
    }

    [SkippableFact]
    public async Task Records_are_read_by_range_and_one_by_one()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(2), author.Next(3)));
        await RestartAsync();
        List<long> read = [];
        await foreach (var record in Store.ReadRecordsAsync(author.Chain, 2, 4, default)) read.Add(record.Id.Sequence);
        Assert.Equal([2, 3, 4], read);
        for (var sequence = 1; sequence <= 5; sequence++)
            Assert.Equal(author.Chain[sequence], (await Store.FindRecordAsync(author.Chain[sequence], default))!.Id);
        Assert.Null(await Store.FindRecordAsync(author.Chain[6], default));
        Assert.Null(await Store.FindRecordAsync(author.Chain[0], default));
    }

    [SkippableFact]
    public async Task Epochs_of_an_agent_are_chains_of_their_own()
    {
        var first = Chains.Author();
        await CommitAsync(Batch(first.Next(2)));
        var second = first.NextEpoch();
        await CommitAsync(Batch(second.Next(), first.Next()));
        await RestartAsync();
        Assert.Equal(second.HeadHash, (await Store.FindRecordAsync(second.Chain[1], default))!.Hash);
        Assert.Equal(first.HeadHash, (await Store.FindRecordAsync(first.Chain[3], default))!.Hash);
    }

    [SkippableFact]
    public async Task A_gap_is_refused_and_nothing_of_the_batch_is_kept()
    {
        var (author, other) = (Chains.Author(), Chains.Author());
        _ = author.Next();
        var message = await RefusedAsync(Batch(other.Next(), author.Next()));
        Assert.Contains("expected it to start at 1", message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Another_record_in_a_held_place_is_refused()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(2)));
        var fork = author.Fork();
        await CommitAsync(Batch(author.Next()));
        Assert.Contains($"{author.HeadId}", await RefusedAsync(Batch(fork)), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_segment_on_another_branch_than_the_held_one_is_refused()
    {
        var (author, fork) = (Chains.Author(), new TestChains(7).Author());
        Assert.Equal(author.Chain, fork.Chain);
        await CommitAsync(Batch(author.Next()));
        _ = fork.Next(TestAuthor.Note("elsewhere"));
        await RefusedAsync(Batch(fork.Next()));
    }

    [SkippableFact]
    public async Task A_segment_that_starts_below_the_head_and_ends_above_it_is_refused()
    {
        var (author, twin) = (Chains.Author(), new TestChains(7).Author());
        await CommitAsync(Batch(author.Next(2)));
        await RefusedAsync(Batch(twin.Next(3)));
    }

    [SkippableFact]
    public async Task A_held_segment_is_skipped_also_within_one_batch()
    {
        var author = Chains.Author();
        var (first, second) = (author.Next(2), author.Next());
        await CommitAsync(Batch(first, first, second));
        var held = await StoreContents.DescribeAsync(Store);
        await CommitAsync(Batch(first));
        await RestartAsync();
        await CommitAsync(Batch(second, first));
        Assert.Equal(held, await StoreContents.DescribeAsync(Store));
    }

    [SkippableFact]
    public async Task A_mark_stays_and_marks_on_anything_else_than_a_held_end_are_ignored()
    {
        var author = Chains.Author();
        var segment = new StoredSegment(author.Next(2), Verified: false);
        await CommitAsync(new StoreBatch { Segments = [segment] });
        await Store.MarkVerifiedAsync([author.Chain[1], author.Chain[9], author.Chain[0], Chains.Author().Chain[1]], default);
        Assert.False(await IsVerifiedAsync());
        await Store.MarkVerifiedAsync([author.Chain[2]], default);
        Assert.True(await IsVerifiedAsync());
        await CommitAsync(new StoreBatch { Segments = [segment] });
        await RestartAsync();
        Assert.True(await IsVerifiedAsync());

        async Task<bool> IsVerifiedAsync() => (await Store.ReadSegmentsAsync(default).SingleAsync()).Verified;
    }

    [SkippableFact]
    public async Task A_checked_signature_replaces_an_unchecked_one_and_no_other()
    {
        var segment = Chains.Author().Next(2);
        var (bad, worse) = (new Segment(segment.Records, new byte[64]), new Segment(segment.Records, new byte[] { 1 }));
        await CommitAsync(new StoreBatch { Segments = [new StoredSegment(bad, Verified: false)] });
        await CommitAsync(new StoreBatch { Segments = [new StoredSegment(worse, Verified: false)] });
        Assert.True((await Store.ReadSegmentsAsync(default).SingleAsync()).Segment.Signature.Span.SequenceEqual(bad.Signature.Span));
        await CommitAsync(Batch(segment));
        await CommitAsync(Batch(worse));
        await RestartAsync();
        var (held, verified) = await Store.ReadSegmentsAsync(default).SingleAsync();
        Assert.True(verified);
        Assert.True(held.Signature.Span.SequenceEqual(segment.Signature.Span));
    }

    [SkippableFact]
    public async Task A_batch_that_was_cancelled_before_it_began_changes_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.CommitAsync(Batch(Chains.Founding), cancelled));
        await RestartAsync();
        Assert.Equal("", await StoreContents.DescribeAsync(Store));
    }

    [SkippableFact]
    public async Task A_reader_sees_what_was_committed_when_it_began_and_the_writer_does_not_wait_for_it()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(), author.Next()));
        var reader = Store.ReadSegmentsAsync(default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        await CommitAsync(Batch(author.Next()));
        Assert.Equal(3, await Store.ReadSegmentsAsync(default).CountAsync());
        Assert.True(await reader.MoveNextAsync());
        Assert.False(await reader.MoveNextAsync());
        await reader.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_reader_can_be_cancelled_between_items()
    {
        var author = Chains.Author();
        await CommitAsync(Batch(author.Next(), author.Next()));
        using var cancellation = new CancellationTokenSource();
        await using var reader = Store.ReadSegmentsAsync(cancellation.Token).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.MoveNextAsync());
    }
}
