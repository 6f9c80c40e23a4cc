using Tavern.EventSourced.Events;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class RecordCacheTests
{
    private const int Records = 200; // more than one read of the store brings

    [Fact]
    public async Task Records_that_are_offered_are_kept_from_the_first_on_while_there_is_room()
    {
        var (segment, store) = await StoredAsync();
        await using var opened = store;
        var reads = 0;
        store.BeforeRead = () => reads++;
        var room = segment.Records.Take(Records / 2).Sum(CachedBytes.Of);
        var cache = new RecordCache(store, room);
        foreach (var record in segment.Records) cache.Offer(record);

        // A pass over all, as a fold makes after a start: what was kept is not pushed out before its turn.
        foreach (var record in segment.Records[..(Records / 2)]) Assert.Same(record, cache.Read(record.Id));
        Assert.Equal(0, reads);
        foreach (var record in segment.Records[(Records / 2)..]) Assert.Equal(record.Hash, cache.Read(record.Id).Hash);
        Assert.Equal(2, reads); // 64 and the rest
    }

    [Fact]
    public async Task Records_that_are_added_push_out_those_not_used_for_longest()
    {
        var (segment, store) = await StoredAsync();
        await using var opened = store;
        var reads = 0;
        store.BeforeRead = () => reads++;
        var cache = new RecordCache(store, segment.Records.Take(Records / 2).Sum(CachedBytes.Of));
        foreach (var record in segment.Records)
        {
            cache.Add(record);
            Assert.Same(segment.Records[0], cache.Read(segment.Records[0].Id));
        }

        foreach (var record in segment.Records[(Records - 64)..]) Assert.Same(record, cache.Read(record.Id));
        Assert.Equal(0, reads);
        cache.Read(segment.Records[1].Id);
        Assert.Equal(1, reads);
    }

    [Fact]
    public async Task A_cache_that_shrinks_keeps_what_was_used_last_and_never_grows_again()
    {
        var (segment, store) = await StoredAsync();
        await using var opened = store;
        var less = segment.Records.TakeLast(100).Sum(CachedBytes.Of);
        var cache = new RecordCache(store, segment.Records.Sum(CachedBytes.Of));
        foreach (var record in segment.Records) cache.Add(record);
        Assert.True(cache.Bytes > less);
        cache.Shrink(less);
        Assert.InRange(cache.Bytes, less / 2, less);
        cache.Shrink(2 * less);
        foreach (var record in segment.Records) cache.Add(record);
        Assert.InRange(cache.Bytes, less / 2, less);
    }

    private static async Task<(Segment Segment, WatchedStore Store)> StoredAsync()
    {
        var segment = new TestChains(7).Author().Next(Records);
        var store = new WatchedStore(new MemoryEventStore());
        await store.CommitAsync(new StoreBatch { Segments = [new StoredSegment(segment, Verified: true)] }, CancellationToken.None);
        return (segment, store);
    }
}
