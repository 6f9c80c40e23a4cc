using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Lets appends in while there is room and the store commits. Bounded in number and bytes: beyond that a caller is told at
/// once instead of waiting without end. Safe for concurrent use.</summary>
internal sealed class AppendQueue(int appendsMax, int bytesMax)
{
    private readonly Lock _lock = new();
    private int _appends;
    private long _bytes;
    private bool _isHeld;
    private StoreUnavailableException? _storeDown;
    private StoreUnavailableException? _closed;
    private TaskCompletionSource? _emptied;

    /// <summary>Why the store cannot commit now; null while it can.</summary>
    public StoreUnavailableException? StoreDown
    {
        get { lock (_lock) return _storeDown; }
        set { lock (_lock) _storeDown = value; }
    }

    /// <summary>True while appends wait until it is known whether their agent's log is complete.</summary>
    public bool IsHeld
    {
        get { lock (_lock) return _isHeld; }
        set { lock (_lock) _isHeld = value; }
    }

    /// <summary>Makes room for an append until <see cref="Leave"/>.</summary>
    /// <exception cref="StoreUnavailableException">The store is down or the queue is full. Nothing was written.</exception>
    public void Enter(PendingAppend append)
    {
        lock (_lock)
        {
            if (_closed is { } closed) throw new StoreUnavailableException(closed.Message);
            if (_storeDown is { } down)
                throw new StoreUnavailableException($"The store cannot commit now; nothing was written. Try again later. {down.Message}", down);
            if (_appends >= appendsMax || (_appends > 0 && _bytes + append.Bytes > bytesMax))
                throw new StoreUnavailableException(
                    $"{_appends} appends of {_bytes} bytes wait for a commit; the limits are {appendsMax} and {bytesMax}. Nothing was written. Try again later.");
            _appends++;
            _bytes += append.Bytes;
            append.IsCounted = true;
        }
    }

    /// <summary>The append was decided. Without effect for one that did not enter.</summary>
    public void Leave(PendingAppend append)
    {
        lock (_lock)
        {
            if (!append.IsCounted) return;
            append.IsCounted = false;
            _appends--;
            _bytes -= append.Bytes;
            if (_appends == 0) _emptied?.TrySetResult();
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    /// <returns>Completes when everybody has left.</returns>
    public Task CloseAsync(StoreUnavailableException reason)
    {
        lock (_lock)
        {
            _closed ??= reason;
            _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_appends == 0) _emptied.TrySetResult();
            return _emptied.Task;
        }
    }
}
