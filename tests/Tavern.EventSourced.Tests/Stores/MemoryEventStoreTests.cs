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
        var batch = new StoreBatch { Segments = [new StoredSegment(author.Next(2), Verified: false)], Runs = [new(author.Chain.Agent, 1, author.Chain, 1, 2, 0, 0)] };
        await store.CommitAsync(batch, default);
        var held = await StoreContents.DescribeAsync(store);
        await using var copy = store.Copy();
        Assert.Equal(held, await StoreContents.DescribeAsync(copy));
        await copy.CommitAsync(new StoreBatch { Segments = [new StoredSegment(author.Next(), Verified: true)], Runs = [new(author.Chain.Agent, 3, author.Chain, 3, 3, 0, 0)] }, default);
        Assert.Equal(held, await StoreContents.DescribeAsync(store));
    }
}
