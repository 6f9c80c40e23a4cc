using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>What a repair did.</summary>
/// <param name="DataFolder">The folder.</param>
/// <param name="Peer">The agent that was asked; null when nobody had to be.</param>
/// <param name="Changed">False when everything is as it was.</param>
/// <param name="Fetched">Events that came from the peer and are in their places, e.g. <c>gandalf:3..5</c>.</param>
/// <param name="Lacking">Events that the peer did not send, or that did not verify.</param>
/// <param name="Redelivered">Events that were put into logs again because their runs were lost.</param>
/// <param name="Receipts">Lost receipts that are replaced by rows that say so.</param>
/// <param name="Keys">Idempotency keys that were left out.</param>
/// <param name="Kept">Where the damaged database is now; null when it is where it was.</param>
/// <param name="Notes">What else there is to know, in sentences.</param>
/// <param name="After">What a check finds now.</param>
public sealed record RepairAnswer(
    string DataFolder, string? Peer, bool Changed, IReadOnlyList<string> Fetched, IReadOnlyList<string> Lacking, long Redelivered, long Receipts, long Keys,
    string? Kept, IReadOnlyList<string> Notes, FsckAnswer After) : Answer;
