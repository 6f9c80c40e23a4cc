namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>What an agent's log says when an operator let a subscription skip a cause: an event of this type, outside the catalogue,
/// with the cause declared, committed together with the step past it.</summary>
/// <param name="Subscription">Which subscription.</param>
/// <param name="Event">Id of the event that was skipped.</param>
/// <param name="Reason">Why, as the operator said; null for nothing.</param>
/// <param name="Error">What the handler said last.</param>
public sealed record SubscriptionSkipped(string Subscription, string Event, string? Reason, string Error)
{
    /// <summary>The type's name in the log.</summary>
    public const string Type = "SubscriptionSkipped";
}
