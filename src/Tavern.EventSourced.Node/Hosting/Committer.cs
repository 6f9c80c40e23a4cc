using Polly;
using Polly.Retry;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Commits one batch at a time, for as long as it takes: while the store is unavailable the same batch, byte for byte, is
/// tried again, because whether it survived is unknown.</summary>
internal sealed class Committer
{
    private static readonly TimeSpan DelayFirst = TimeSpan.FromMilliseconds(50); // a busy file lock is over by then
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2); // a full disk that was cleared is noticed this soon

    private static readonly TimeSpan TellAfter = TimeSpan.FromSeconds(1); // what is over before is nobody's business

    private readonly IEventStore _store;
    private readonly AppendQueue _queue;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private readonly ResiliencePipeline _retry;
    private long? _downSince;
    private bool _isTold;

    /// <param name="store">The store.</param>
    /// <param name="queue">Told whether the store can commit.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="tell">Tells people when the store cannot commit for a while, and when it can again.</param>
    public Committer(IEventStore store, AppendQueue queue, TimeProvider time, Action<string> tell)
    {
        (_store, _queue, _time, _tell) = (store, queue, time, tell);
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>(),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = DelayFirst,
                MaxDelay = DelayMax,
                UseJitter = true,
                OnRetry = retry =>
                {
                    Failed((StoreUnavailableException)retry.Outcome.Exception!);
                    return default;
                },
            })
            .Build();
    }

    /// <summary>Returns when the batch survived. Cancellation ends the retries, never a commit that has begun.</summary>
    /// <exception cref="StoreFencedException">Another process owns the store.</exception>
    /// <exception cref="StoreSyncFailedException">The disk did not confirm a write.</exception>
    public async Task CommitAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        await _retry.ExecuteAsync(token => _store.CommitAsync(batch, token), cancellationToken).ConfigureAwait(false);
        _queue.StoreDown = null;
        if (_isTold) _tell("The store can be written again. Nothing that was acknowledged is lost.");
        (_downSince, _isTold) = (null, false);
    }

    private void Failed(StoreUnavailableException failure)
    {
        _queue.StoreDown = failure;
        _downSince ??= _time.GetTimestamp();
        if (_isTold || _time.GetElapsedTime(_downSince.Value) < TellAfter) return;
        _isTold = true;
        _tell($"{failure.Message} Until then writes are refused, and what others send waits.");
    }
}
