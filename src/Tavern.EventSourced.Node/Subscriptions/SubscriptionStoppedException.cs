using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>A subscription handles nothing more: its handler threw too often, or it has ended.</summary>
public sealed class SubscriptionStoppedException : InvalidOperationException
{
    internal SubscriptionStoppedException(string name, SubscriptionState.Stopped state)
        : base($"The subscription '{name}' stopped at {state.Cause} after {state.Attempts} attempts: {state.Error} Correct the handler and start again, ask it to retry, or skip the event.") =>
        Cause = state.Cause;

    internal SubscriptionStoppedException(string name) : base($"The subscription '{name}' has ended. Subscribe again to go on where it was.")
    {
    }

    /// <summary>The event it stopped on; null when it has ended.</summary>
    public EventId? Cause { get; }
}
