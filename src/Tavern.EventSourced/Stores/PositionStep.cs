using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores;

/// <summary>Moves a subscription forward, from where its writer knows it to be: of two writers that start from the same position one
/// is refused. Committed together with what was emitted, so that a cause is handled once or not at all.</summary>
/// <param name="Agent">Whose subscription.</param>
/// <param name="Subscription">Its name, 1 to <see cref="SubscriptionPosition.NameCharsMax"/> characters.</param>
/// <param name="From">Where it must stand; 0 for one that does not exist yet.</param>
/// <param name="To">Where it stands afterwards: at least <paramref name="From"/>, at most the length of the agent's log. Equal to
/// <paramref name="From"/> it makes a subscription that stands at the start.</param>
/// <param name="By">The last event that the same batch emits for it, null for none. It tells a retry from a rival.</param>
public sealed record PositionStep(AgentId Agent, string Subscription, long From, long To, EventId? By)
{
    /// <summary>What is held once the step is committed.</summary>
    public SubscriptionPosition Reached => new(Agent, Subscription, To, By);
}
