using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

public sealed class MemoryEventStoreTests : EventStoreConformance
{
    private protected override ValueTask<IEventStore> OpenAsync() => ValueTask.FromResult<IEventStore>(new MemoryEventStore());

    [Fact]
    public async Task A_copy_holds_the_same_and_goes_its_own_way()
    {
        await using var store = new MemoryEventStore();
        var author = Chains.Author();
        await store.CommitAsync(NextOwn(2), default);
        var held = await StoreContents.DescribeAsync(store);
        await using var copy = store.Copy();
        Assert.Equal(held, await StoreContents.DescribeAsync(copy));
        await copy.CommitAsync(NextOwn(1), default);
        Assert.Equal(held, await StoreContents.DescribeAsync(store));
        Assert.NotEqual(held, await StoreContents.DescribeAsync(copy));

        StoreBatch NextOwn(int records)
        {
            var segment = author.Next(records);
            return new StoreBatch
            {
                Segments = [new StoredSegment(segment, Verified: false)],
                Runs = [new Run(author.Chain.Agent, segment.First, author.Chain, segment.First, segment.Last, 0, 0)],
            };
        }
    }
}
