using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>Asks peers for what they have more of, and takes what they send.</summary>
internal sealed class FrameInbox(EngineState state)
{
    private const int WantsMax = 2048; // ranges asked for at once: about 90 KiB of message
    private const int PointsMax = 4096; // points of forked chains in them: at most another 80 KiB

    /// <summary>Takes a frame: admits, holds back, turns away, and leaves receipts. Ends the exchange's reservations. True when anything of it
    /// is of use.</summary>
    public bool Take(ExchangeKey exchange, DeliveryMode mode, GossipMessage.Push push, EngineTime now)
    {
        foreach (var reason in push.Unreadable) state.Pending.AddFailure(exchange.Peer, ReceiptOutcome.Rejected, null, exchange.Id, mode, now.Wall, reason);
        if (!push.Unreadable.IsEmpty) state.Reservations.Avoid(exchange, now.Elapsed);
        var moved = !push.Frame.IsEmpty && Admit(exchange, mode, push.Frame, now);
        state.Reservations.Release(exchange, answered: true);
        return moved;
    }

    /// <summary>Asks the peer for what it has more of and nobody else was asked for; for nothing while commits cannot keep up.</summary>
    public ImmutableArray<Want> Reserve(Peer peer, ExchangeKey exchange, IEnumerable<ClockClaim> ahead, EngineTime now)
    {
        if (state.Pending.IsFull) return [];
        var life = peer.RoundTrip * 2 > state.Options.ReservationMin ? peer.RoundTrip * 2 : state.Options.ReservationMin;
        var wants = ImmutableArray.CreateBuilder<Want>();
        var points = 0;
        foreach (var tips in ahead.GroupBy(claim => claim.Chain))
        {
            var isOnly = !tips.Skip(1).Any() && !state.Intake.Forked.Contains(tips.Key);
            foreach (var claim in tips)
            {
                if (wants.Count == WantsMax || points >= PointsMax) return wants.DrainToImmutable();
                if (state.Wants.For(claim, isOnly) is not { } want || !state.Reservations.TryReserve(exchange, want, now.Elapsed, life)) continue;
                wants.Add(want);
                points += want.Points.Length;
                break; // one line of a chain at a time: a forked chain does not crowd out others
            }
        }

        return wants.DrainToImmutable();
    }

    private bool Admit(ExchangeKey exchange, DeliveryMode mode, ImmutableArray<FrameSegment> frame, EngineTime now)
    {
        var origin = new FrameOrigin(exchange.Peer, exchange.Id, mode, now.Wall, frame.Sum(item => item.Segment.Bytes));
        var result = state.Intake.Admit(frame, origin);
        foreach (var item in result.Admitted)
        {
            if (item.Body is { } body) state.Own.Observe(body.Records[^1].Header.Time, now.Wall);
            state.Reservations.Trust(item.Origin.Peer, item.Entry.Chain.Main);
        }

        state.Pending.Add(result.Admitted);
        foreach (var (segment, peer, detail) in result.TurnedAway)
        {
            state.Reservations.Avoid(peer, segment.Chain, now.Elapsed);
            // A row per chain, but only of members, and of the one epoch that can be delivered: of names that a peer can invent there is no end.
            ChainId? chain = segment.Chain.Epoch == 1 && state.Index.VouchersOf(segment.Chain.Agent).Count > 0 ? segment.Chain : null;
            if (detail is not null) state.Pending.AddFailure(peer, ReceiptOutcome.Rejected, chain, exchange.Id, mode, now.Wall, detail);
        }

        return result.Admitted.Count > 0 || result.HeldBack > 0;
    }
}
