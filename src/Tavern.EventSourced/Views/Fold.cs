using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>How events become a state. Derive from it to fold event types of your own; the core need not know them. Of a chain that has forked
/// no fold is given more than all its lines share, so one event at most has a given agent, epoch and sequence.</summary>
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

    /// <summary>The state after an event of a forked chain that no fold is given. Events that nothing else orders come in the order of this node's
    /// branch numbers, so the result must not depend on which of those comes first.</summary>
    /// <param name="state">The state before the event.</param>
    /// <param name="id">The event.</param>
    /// <param name="lastShared">The last event that all lines of its chain share; sequence 0 for none.</param>
    internal virtual TState LeaveOut(TState state, EventId id, EventId lastShared) => state;
}
