using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>How far a subscription has come: told by its runner, read by everybody. Safe for concurrent use.</summary>
internal sealed class SubscriptionProgress(AgentId agent, string name)
{
    private readonly Lock _lock = new();
    private SubscriptionStatus _status = new(agent, name, new SubscriptionState.Running(), 0, 0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource<Intervention>? _stopped;

    /// <summary>Now.</summary>
    public SubscriptionStatus Status
    {
        get { lock (_lock) return _status; }
    }

    /// <summary>Now, and a task that completes when that has changed.</summary>
    public (SubscriptionStatus Status, Task Changed) Look()
    {
        lock (_lock) return (_status, _changed.Task);
    }

    /// <summary>The log was looked at up to a place.</summary>
    public void Saw(long position, long seen) => Set(status => status with { Position = position, Seen = seen });

    /// <summary>So many events were emitted.</summary>
    public void Emitted(int count) => Set(status => status with { Emitted = status.Emitted + count });

    /// <summary>A cause was handled.</summary>
    public void HandledOne(long position, long seen, TimeSpan took) => Set(status => status with
    {
        State = new SubscriptionState.Running(),
        Position = position,
        Seen = seen,
        Handled = status.Handled + 1,
        HandlingTime = status.HandlingTime + took,
        HandlingTimeMax = took > status.HandlingTimeMax ? took : status.HandlingTimeMax,
    });

    /// <summary>An attempt failed; another follows.</summary>
    public void Failed(EventId cause, int attempts, Exception error) =>
        Set(status => status with { State = new SubscriptionState.Retrying(cause, attempts, Failures.Of(error)) });

    /// <summary>The last attempt failed. Waits for somebody to decide.</summary>
    public async Task<Intervention> StopAsync(EventId cause, Exception error, CancellationToken cancellationToken)
    {
        var decided = new TaskCompletionSource<Intervention>(TaskCreationOptions.RunContinuationsAsynchronously);
        Set(status => status with { State = new SubscriptionState.Stopped(cause, AttemptsOf(status, cause) + 1, Failures.Of(error)) }, decided);
        return await decided.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decides what becomes of a cause that a subscription stopped on; false when it is not stopped on that.</summary>
    public bool TryDecide(EventId cause, Intervention intervention)
    {
        TaskCompletionSource<Intervention>? decided = null;
        Set(status =>
        {
            if (status.State is not SubscriptionState.Stopped stopped || stopped.Cause != cause) return status;
            decided = _stopped; // whoever is first takes it: from here on the state is another
            return status with { State = new SubscriptionState.Running() };
        });
        return decided?.TrySetResult(intervention) ?? false;
    }

    /// <summary>Nothing more will come.</summary>
    public void End() => Set(status => status with { State = new SubscriptionState.Ended() });

    private static int AttemptsOf(SubscriptionStatus status, EventId cause) =>
        status.State is SubscriptionState.Retrying retrying && retrying.Cause == cause ? retrying.Attempts : 0;

    private void Set(Func<SubscriptionStatus, SubscriptionStatus> change, TaskCompletionSource<Intervention>? stopped = null)
    {
        TaskCompletionSource before;
        lock (_lock)
        {
            _status = change(_status);
            _stopped = stopped ?? _stopped;
            (before, _changed) = (_changed, NewSignal());
        }

        before.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
