using System.Collections.Concurrent;

namespace Tavern.EventSourced.Stores.Sqlite;

/// <summary>The one thread that writes: it waits for the disk so that no thread of the pool has to. Work is done in the order it was
/// handed over. Every caller awaits its own work, so the queue is as long as there are callers.</summary>
internal sealed class WriterThread
{
    private readonly BlockingCollection<Work> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WriterThread(string name)
    {
        new Thread(Drain) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Carries out some work, unless it is cancelled before it begins.</summary>
    /// <exception cref="ObjectDisposedException">The thread was told to end.</exception>
    public ValueTask RunAsync(Action action, CancellationToken cancellationToken)
    {
        var work = new Work(action, cancellationToken);
        try
        {
            _queue.Add(work, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteEventStore));
        }

        return new ValueTask(work.Done.Task);
    }

    /// <summary>Finishes what was handed over, then ends.</summary>
    public Task EndAsync()
    {
        _queue.CompleteAdding();
        return _ended.Task;
    }

    private void Drain()
    {
        foreach (var work in _queue.GetConsumingEnumerable()) work.CarryOut();
        _ended.SetResult();
    }

    private sealed class Work(Action action, CancellationToken cancellationToken)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void CarryOut()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Done.SetCanceled(cancellationToken);
                return;
            }

            try
            {
                action();
                Done.SetResult();
            }
            catch (Exception e) // whatever it is, it belongs to the caller who waits for it
            {
                Done.SetException(e);
            }
        }
    }
}
