using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Views;

/// <summary>How events become a state. Derive from it to fold event types of your own; the core need not know them.</summary>
/// <typeparam name="TState">Must be immutable: earlier states are kept as checkpoints.</typeparam>
public abstract class Fold<TState>
{
    /// <summary>Names the fold, e.g. <c>tavern</c>.</summary>
    public abstract string Name { get; }

    /// <summary>From 1; raised whenever the same events would give another state.</summary>
    public abstract int Version { get; }

    /// <summary>The state before the first event.</summary>
    public abstract TState Initial { get; }

    /// <summary>True when the fold wants such an event; all by default. What it does not want costs it nothing.</summary>
    public virtual bool Wants(EventHeader header) => true;

    /// <summary>The state after one more event. Called in canonical order. Pure: the result depends on the arguments alone, and
    /// nothing that was passed in is changed. When it throws, the event is recorded as poison for this fold and skipped.</summary>
    /// <param name="state">The state before the event.</param>
    /// <param name="record">The event.</param>
    /// <param name="past">What the event's writer knew when writing it.</param>
    public abstract TState Apply(TState state, EventRecord record, CausalPast past);
}
