using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores;

/// <summary>How far one subscription of an agent has handled that agent's log.</summary>
/// <param name="Agent">Whose log, and who writes what the subscription emits.</param>
/// <param name="Subscription">Its name, 1 to <see cref="NameCharsMax"/> characters; unique per agent.</param>
/// <param name="Position">Place in the log up to which everything is handled; 0 for nothing.</param>
/// <param name="By">The last event that was committed together with the step to this position; null when the step emitted none.</param>
public sealed record SubscriptionPosition(AgentId Agent, string Subscription, long Position, EventId? By)
{
    /// <summary>Longest name, in characters; as for idempotency keys.</summary>
    public const int NameCharsMax = 255;
}
