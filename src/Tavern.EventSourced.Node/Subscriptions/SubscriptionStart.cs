namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>Where a subscription begins the first time. Later it goes on where it was, whatever is said here.</summary>
public abstract record SubscriptionStart
{
    private SubscriptionStart()
    {
    }

    /// <summary>With the first event of the agent's log.</summary>
    public sealed record Beginning : SubscriptionStart;

    /// <summary>With what comes after this moment; the moment itself is committed, so that a crash does not move it.</summary>
    public sealed record Now : SubscriptionStart;

    /// <summary>With the event after a place of the agent's log.</summary>
    /// <param name="Position">From 0 to the length of the log.</param>
    public sealed record After(long Position) : SubscriptionStart;
}
