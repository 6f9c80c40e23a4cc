using Polly;
using Polly.Retry;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>Hands causes to a handler, again when it throws. What a failed attempt emitted is forgotten.</summary>
internal sealed class Handler
{
    private readonly Func<Cause, CancellationToken, Task> _handle;
    private readonly ResiliencePipeline _retry;
    private EventId _cause; // one at a time

    /// <param name="handle">The user's code.</param>
    /// <param name="options">How often and how patiently.</param>
    /// <param name="time">Measures delays.</param>
    /// <param name="progress">Told of every failed attempt but the last.</param>
    public Handler(Func<Cause, CancellationToken, Task> handle, SubscriptionOptions options, TimeProvider time, SubscriptionProgress progress)
    {
        _handle = handle;
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.AttemptsMax > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                // Whatever the user's code throws is its failure, unless it was told to stop.
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is not null && !arguments.Context.CancellationToken.IsCancellationRequested),
                MaxRetryAttempts = options.AttemptsMax - 1,
                BackoffType = DelayBackoffType.Exponential,
                Delay = options.RetryDelay,
                MaxDelay = options.RetryDelayMax,
                UseJitter = true,
                OnRetry = arguments =>
                {
                    progress.Failed(_cause, arguments.AttemptNumber + 1, arguments.Outcome.Exception!);
                    return default;
                },
            });
        }

        _retry = builder.Build();
    }

    /// <summary>Returns the cause with what its handler emitted. Throws what the last attempt threw.</summary>
    public async Task<Cause> HandleAsync(EventRecord record, long position, CancellationToken cancellationToken)
    {
        var attempt = 0;
        _cause = record.Id;
        return await _retry.ExecuteAsync(
            async token =>
            {
                var cause = new Cause(record, position, ++attempt);
                try
                {
                    await _handle(cause, token).ConfigureAwait(false);
                    return cause;
                }
                finally
                {
                    cause.Close();
                }
            },
            cancellationToken).ConfigureAwait(false);
    }
}
