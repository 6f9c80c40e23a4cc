using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>A fold over all events of a cut.</summary>
/// <param name="State">The state.</param>
/// <param name="Count">How many events the fold was given: all that it wants, without those above the fork point of a forked chain.</param>
/// <param name="Poison">Events that made the fold throw and were skipped, in canonical order.</param>
public sealed record FoldResult<TState>(TState State, int Count, ImmutableList<PoisonedEvent> Poison);

/// <summary>An event that made a fold throw.</summary>
/// <param name="Event">Which.</param>
/// <param name="Reason">Type and message of the exception.</param>
public sealed record PoisonedEvent(EventId Event, string Reason);
