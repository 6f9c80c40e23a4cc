using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>What every store must do. A store is tested by a subclass that opens it; the facts are in the other parts of this class.</summary>
public abstract partial class EventStoreConformance : IAsyncLifetime
{
    private protected TestChains Chains { get; } = new(seed: 7);

    private protected IEventStore Store { get; set; } = null!;

    private static AgentId Holder => new(1);

    private static AgentId OtherHolder => new(2);

    public async Task InitializeAsync() => Store = await OpenAsync();

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>An empty store.</summary>
    private protected abstract ValueTask<IEventStore> OpenAsync();

    /// <summary>What a restart leaves of it.</summary>
    private protected virtual ValueTask<IEventStore> ReopenAsync() => ValueTask.FromResult(Store);

    private protected ValueTask CommitAsync(StoreBatch batch) => Store.CommitAsync(batch, default);

    private protected async Task RestartAsync() => Store = await ReopenAsync();

    /// <summary>Commits a batch that must be refused, and checks that it changed nothing, also after a restart.</summary>
    private async Task<string> RefusedAsync(StoreBatch batch)
    {
        var before = await StoreContents.DescribeAsync(Store);
        var refusal = await Assert.ThrowsAsync<StoreConflictException>(async () => await CommitAsync(batch));
        Assert.Equal(before, await StoreContents.DescribeAsync(Store));
        await RestartAsync();
        Assert.Equal(before, await StoreContents.DescribeAsync(Store));
        return refusal.Message;
    }

    private static StoreBatch Batch(params Segment[] segments) =>
        new() { Segments = [.. segments.Select(segment => new StoredSegment(segment, Verified: true))] };

    private static StoreBatch Batch(params Run[] runs) => new() { Runs = [.. runs] };
}
