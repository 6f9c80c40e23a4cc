using System.Collections.Immutable;
using Polly;
using Polly.Retry;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>Where a subscription stands, and the steps that move it. A step whose outcome is unknown is tried again from the same
/// position, so that it happens once. One owner.</summary>
internal sealed class SubscriptionCursor
{
    private static readonly TimeSpan DelayFirst = TimeSpan.FromMilliseconds(50); // a step on its way has ended by then
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2); // a store that is back is noticed this soon

    private readonly TavernNode _node;
    private readonly AgentId _agent;
    private readonly string _name;
    private readonly ResiliencePipeline _retry;

    public SubscriptionCursor(TavernNode node, AgentId agent, string name)
    {
        (_node, _agent, _name) = (node, agent, name);
        _retry = new ResiliencePipelineBuilder { TimeProvider = node.Options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>().Handle<PositionMovedException>(),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = DelayFirst,
                MaxDelay = DelayMax,
                UseJitter = true,
            })
            .Build();
    }

    /// <summary>Place up to which everything is handled, as committed.</summary>
    public long Position { get; private set; }

    /// <summary>Reads where the subscription stands; begins it when it does not exist.</summary>
    /// <exception cref="ArgumentException">It shall begin past the end of the log.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read, or not commit the beginning.</exception>
    public async Task OpenAsync(SubscriptionStart start, CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } held)
        {
            Position = held.Position;
            return;
        }

        var length = await _node.History.ReadAsync(history => history.LogLength(_agent), cancellationToken).ConfigureAwait(false);
        var first = start switch
        {
            SubscriptionStart.After(var position) when position > length =>
                throw new ArgumentException($"The subscription '{_name}' shall begin after {position}; the log has {length} events.", nameof(start)),
            SubscriptionStart.After(var position) => position,
            SubscriptionStart.Now => length,
            _ => (long?)null, // the beginning is where one stands that does not exist
        };
        if (first is { } to) await StepAsync([], to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits events together with the step to a position. Without effect when somebody stepped over it before.</summary>
    /// <returns>How many events were written by this call, as far as is known.</returns>
    /// <exception cref="AppendRefusedException">An event cannot be written. Nothing was.</exception>
    public async Task<int> StepAsync(ImmutableArray<EventDraft> emitted, long to, CancellationToken cancellationToken) =>
        await _retry.ExecuteAsync(token => TryStepAsync(emitted, to, token), cancellationToken).ConfigureAwait(false);

    private async ValueTask<int> TryStepAsync(ImmutableArray<EventDraft> emitted, long to, CancellationToken cancellationToken)
    {
        var conditions = new AppendConditions { Handled = new HandledUpTo(_name, to, Position) };
        try
        {
            await _node.AppendAsync(_agent, emitted, conditions, cancellationToken).ConfigureAwait(false);
            Position = to;
            return emitted.Length;
        }
        catch (PositionMovedException moved)
        {
            // An earlier try of ours was committed after all, or a rival of the same name was first. Either way: once.
            Position = Math.Max(Position, moved.Position);
            if (Position >= to) return 0;
            throw; // another step is on its way, or a rival stands between: again, from where it stands then
        }
    }

    private async Task<SubscriptionPosition?> FindAsync(CancellationToken cancellationToken)
    {
        await foreach (var held in _node.Store.ReadPositionsAsync(_agent, cancellationToken).ConfigureAwait(false))
            if (held.Subscription == _name) return held;
        return null;
    }
}
