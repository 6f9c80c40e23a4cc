namespace Tavern.EventSourced.Stores.Sqlite.Checking;

/// <summary>What a rebuilding did besides putting fetched segments in their places.</summary>
/// <param name="Redelivered">Events that were put into logs again because their runs were lost.</param>
/// <param name="Receipts">Receipts that were lost and are replaced by rows that say so.</param>
/// <param name="Keys">Idempotency keys that were left out: a repeated request would write again.</param>
/// <param name="Subscriptions">Subscriptions that were left out or set back: they handle some events again.</param>
/// <param name="Left">Damaged rows that nothing could replace; they are as they were.</param>
public sealed record RebuildReport(long Redelivered, long Receipts, long Keys, long Subscriptions, long Left);
