using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Holds up the commits of a <see cref="WatchedStore"/> until it is opened.</summary>
public sealed class StoreGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a commit waits at the gate.</summary>
    public Task Reached => _reached.Task.WaitAsync(TestNodes.Deadline);

    public void Open() => _opened.TrySetResult();

    /// <summary>For <see cref="WatchedStore.Before"/>.</summary>
    public async Task PassAsync(StoreBatch _)
    {
        _reached.TrySetResult();
        await _opened.Task;
    }
}
