using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>How an agent's links stand, in the words of an account.</summary>
internal sealed partial record LinkReport(
    ImmutableArray<LinkState> Links, ImmutableArray<HeldBackEvents> HeldBack, ImmutableArray<Rejection> Rejections)
{
    /// <summary>Made from the engine's picture of itself and the failures in its receipts.</summary>
    public static LinkReport Of(EngineStatus status, IReadOnlyCollection<Receipt> failures) => new(
        [.. status.Peers.Select(peer => LinkOf(peer, status))],
        [.. status.HeldBack.Select(held => new HeldBackEvents(new EventRange(held.First.Chain, held.First.Sequence, held.Last), held.Missing, held.From, held.At))],
        [.. failures.Select(RejectionOf).OfType<Rejection>()]);

    /// <summary>The engine's reason names the first record that was refused; a refused call names none.</summary>
    private static Rejection? RejectionOf(Receipt failure) =>
        failure.Outcome is ReceiptOutcome.Rejected && failure.Detail is { } detail && EventId.TryParse(EventInText().Match(detail).Value, out var id)
            ? new Rejection(new EventRange(id.Chain, id.Sequence, id.Sequence), failure)
            : null;

    [GeneratedRegex("[0-9a-f]{32}(@[0-9]+)?:[0-9]+")]
    private static partial Regex EventInText();

    private static LinkState LinkOf(PeerStatus peer, EngineStatus status)
    {
        var failure = peer.Failure;
        var condition = peer.Paused ? LinkCondition.Paused
            : peer.FailuresInARow == 0 ? LinkCondition.Working
            : failure?.Outcome == ReceiptOutcome.Paused ? LinkCondition.Paused
            : failure?.Detail?.StartsWith(nameof(RefusalReason.Busy), StringComparison.Ordinal) == true ? LinkCondition.Busy
            : LinkCondition.Unreachable;
        return new LinkState(peer.Peer, condition, peer.LastSuccess, failure)
        {
            Awaited = [.. status.Wanted.Where(wanted => wanted.Peer == peer.Peer).Select(wanted => new EventRange(wanted.Want.Chain, wanted.Want.First, wanted.Want.Last))],
        };
    }
}
