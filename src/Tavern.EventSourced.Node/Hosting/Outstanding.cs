using System.Threading.Channels;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Work that runs beside the loop: every piece is known until it ended, and a piece that throws is a bug that ends the
/// process. Safe for concurrent use.</summary>
internal sealed class Outstanding(Action<string, Exception?> endProcess, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Starts a piece of work on the thread pool. Its cancellation when the node stops is expected; nothing else is.</summary>
    public void Start(Func<CancellationToken, Task> work)
    {
        Task task;
        lock (_lock) _running.Add(task = Task.Run(() => RunAsync(work), CancellationToken.None));
        task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until everything that was started has ended.</summary>
    public async Task WhenAllEndedAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_lock) running = [.. _running];
            if (running.Length == 0) return;
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or ChannelClosedException)
        {
            // The node stops, or its loop has.
        }
#pragma warning disable CA1031 // whatever it is, it is our bug: the process ends instead of limping on
        catch (Exception e)
#pragma warning restore CA1031
        {
            endProcess(
                e is StoreFencedException or StoreSyncFailedException or StoreRolledBackException
                    ? $"Tavern node: {e.Message} Ending the process; start the node again."
                    : $"Tavern node: unexpected failure beside the loop, a bug; ending the process. {e.Message}",
                e);
        }
    }

    private void Forget(Task task)
    {
        lock (_lock) _running.Remove(task);
    }
}
