using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>One thing that does not hold in what is stored.</summary>
/// <param name="Table">Where it is kept: a table (<c>events</c>) or a file (<c>tavern.json</c>).</param>
/// <param name="Place">Which row, e.g. <c>position 7</c>; empty for the whole.</param>
/// <param name="Events">The events concerned; null when it is about something else.</param>
/// <param name="What">What was found and what was expected, in one sentence.</param>
/// <param name="Advice">What to do.</param>
public sealed record Finding(string Table, string Place, EventRange? Events, string What, string Advice);
