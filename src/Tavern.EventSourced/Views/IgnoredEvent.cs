using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>A delivered event that the view does not fold.</summary>
/// <param name="Event">Which.</param>
/// <param name="Type">Its type name.</param>
/// <param name="Rule">Why; see RULES.md.</param>
public sealed record IgnoredEvent(EventId Event, string Type, string Rule);
