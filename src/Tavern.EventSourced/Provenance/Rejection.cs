namespace Tavern.EventSourced.Provenance;

/// <summary>Events that arrived and were refused.</summary>
/// <param name="Events">What was refused.</param>
/// <param name="Receipt">The failure that was recorded: from whom, when, and why not.</param>
public sealed record Rejection(EventRange Events, Receipt Receipt);
