using System.Globalization;
using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>What <see cref="GuardedTransport"/> keeps per peer. From the outside in: the bound on concurrent calls, the circuit
/// breaker, the time limit. The bound is the framework's own: Polly's is a package of its own around the same class.</summary>
internal sealed class PeerPipeline : IDisposable
{
    private readonly Uri _address;
    private readonly GuardOptions _options;
    private readonly ConcurrencyLimiter _turns;
    private readonly ResiliencePipeline<GossipMessage> _pipeline;
    private long _openSinceTicks; // UTC; written by one call while others read it

    public PeerPipeline(Uri address, GuardOptions options, TimeProvider time)
    {
        (_address, _options) = (address, options);
        _turns = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.CallsPerPeerMax,
            QueueLimit = options.WaitingPerPeerMax,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _pipeline = new ResiliencePipelineBuilder<GossipMessage> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<GossipMessage>
            {
                MinimumThroughput = options.CallsToJudge,
                FailureRatio = options.FailureRatio,
                SamplingDuration = options.Window,
                BreakDuration = options.Break,
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Exception is TransportException or TimeoutRejectedException),
                OnOpened = _ =>
                {
                    Volatile.Write(ref _openSinceTicks, time.GetUtcNow().UtcTicks);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(options.CallTimeout)
            .Build();
    }

    public async ValueTask<GossipMessage> CallAsync(ITransport transport, GossipEnvelope request, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        if (!turn.IsAcquired)
            throw new TransportException($"{_options.CallsPerPeerMax} calls to {_address} are under way and {_options.WaitingPerPeerMax} wait.");
        try
        {
            return await _pipeline.ExecuteAsync(
                static (call, ending) => call.Transport.CallAsync(call.Address, call.Request, ending),
                (Transport: transport, Address: _address, Request: request),
                cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            var since = new DateTime(Volatile.Read(ref _openSinceTicks), DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            throw new TransportException($"{_address} is not called: circuit open since {since}.", e);
        }
        catch (TimeoutRejectedException e)
        {
            throw new TransportException($"No answer from {_address} within {_options.CallTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s.", e);
        }
    }

    public void Dispose() => _turns.Dispose();

    private async ValueTask<RateLimitLease> TurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _turns.AcquireAsync(1, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            throw new TransportException($"{_address} is not called: this transport is closed.", e);
        }
    }
}
