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

    private readonly IEventStore _store;
    private readonly AppendQueue _queue;
    private readonly ResiliencePipeline _retry;

    public Committer(IEventStore store, AppendQueue queue, TimeProvider time)
    {
        _store = store;
        _queue = queue;
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
                    _queue.StoreDown = retry.Outcome.Exception as StoreUnavailableException;
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
    }
}
