using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>What a subscription handles and how patient it is. Events that are filtered out count as handled.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>Where it begins the first time. Default: with the first event of the log.</summary>
    public SubscriptionStart Start { get; init; } = new SubscriptionStart.Beginning();

    /// <summary>Only events of these types; empty (the default) for all.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>Only events that these agents wrote; empty (the default) for everybody's.</summary>
    public ImmutableArray<AgentId> Writers { get; init; } = [];

    /// <summary>True to handle the agent's own events too. Default: false, because an agent that answers every event, its own answers
    /// included, never stops. With true, see to it that a handler does not answer what it emits itself.</summary>
    public bool OwnEvents { get; init; }

    /// <summary>How often a cause is handed to a handler that throws, from 1; then the subscription stops on it. Default 5: with the
    /// delays below some three seconds, enough for a hiccup and short enough to be noticed.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Delay before the second attempt; doubles with each, with jitter. Default 200 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest delay between two attempts. Default 30 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AttemptsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelayMax, RetryDelay);
        if (Start is SubscriptionStart.After(var position)) ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(Start));
        if (Types.IsDefault || Writers.IsDefault) throw new ArgumentException("Types and writers are lists; for all, leave them empty.");
    }
}
