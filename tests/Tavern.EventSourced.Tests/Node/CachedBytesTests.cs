using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

[Collection(nameof(LiveBytesCollection))]
public class CachedBytesTests
{
    private const long BytesMax = 4 * 1024 * 1024;
    private const int Segments = 8000; // twice what has room

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(8, 10)]
    public async Task A_cache_of_records_takes_as_much_memory_as_it_is_allowed(int agents, int records)
    {
        await using var store = new MemoryEventStore();
        AssertNear(LiveBytes.Of(() =>
        {
            var (cache, feed) = (new RecordCache(store, BytesMax), new SteadyFeed(5, agents, random => new QuickSigner(random)));
            for (var i = 0; i < Segments; i++)
                foreach (var record in feed.Next(records).Records) cache.Add(record);
            return cache;
        }));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(8, 10)]
    public void A_cache_of_segments_takes_as_much_memory_as_it_is_allowed(int agents, int records) => AssertNear(LiveBytes.Of(() =>
    {
        var (cache, feed) = (new SegmentCache((int)BytesMax), new SteadyFeed(5, agents, random => new QuickSigner(random)));
        for (var i = 0; i < Segments; i++) cache.Add(feed.Next(records));
        return cache;
    }));

    private static void AssertNear(long bytes) => Assert.InRange(bytes, BytesMax * 3 / 4, BytesMax * 5 / 4);
}
