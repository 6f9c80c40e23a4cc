using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>What a subscription does at the moment.</summary>
public abstract record SubscriptionState
{
    private SubscriptionState()
    {
    }

    /// <summary>It handles what there is, or waits for more.</summary>
    public sealed record Running : SubscriptionState;

    /// <summary>The handler threw; the same cause is handed to it again after a delay.</summary>
    /// <param name="Cause">Which.</param>
    /// <param name="Attempts">How often it was tried.</param>
    /// <param name="Error">What the handler said last.</param>
    public sealed record Retrying(EventId Cause, int Attempts, string Error) : SubscriptionState;

    /// <summary>The handler threw too often. Nothing more is handled until somebody skips the cause, asks for another round of
    /// attempts, or starts the subscription again.</summary>
    /// <param name="Cause">Which.</param>
    /// <param name="Attempts">How often it was tried.</param>
    /// <param name="Error">What the handler said last.</param>
    public sealed record Stopped(EventId Cause, int Attempts, string Error) : SubscriptionState;

    /// <summary>It was disposed, or its node stops.</summary>
    public sealed record Ended : SubscriptionState;
}
