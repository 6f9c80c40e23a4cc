using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>A running subscription at one moment. Counts and times are since it was started.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it does.</param>
/// <param name="Position">Place in the log up to which everything is handled, as committed.</param>
/// <param name="Seen">Place up to which everything is handled in this process; what lies between is told to the store with the next
/// event emitted, after 1000 events or a second of quiet.</param>
/// <param name="Handled">Causes handled.</param>
/// <param name="Emitted">Events emitted.</param>
/// <param name="HandlingTime">Time spent in the handler and in commits of what it emitted, delays between attempts included.</param>
/// <param name="HandlingTimeMax">The longest that one cause took.</param>
public sealed record SubscriptionStatus(
    AgentId Agent,
    string Name,
    SubscriptionState State,
    long Position,
    long Seen,
    long Handled,
    long Emitted,
    TimeSpan HandlingTime,
    TimeSpan HandlingTimeMax);
