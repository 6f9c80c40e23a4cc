using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>Asks peers for what they have more of, and takes what they send.</summary>
internal sealed class FrameInbox(EngineState state)
{
    private const int WantsMax = 2048; // ranges asked for at once: about 90 KiB of message
    private const int PointsMax = 4096; // points of forked chains in them: at most another 80 KiB

    private readonly Dictionary<ChainId, long> _servedAt = []; // chains of which something arrived, and with which frame
    private long _frames;

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

    /// <summary>Asks the peer for what it has more of and nobody else of this node was asked for, chains that got nothing for longest first;
    /// and says how many bytes of it there is room for. For nothing while there is no room.</summary>
    public (ImmutableArray<Want> Wants, int Room) Reserve(Peer peer, ExchangeKey exchange, IEnumerable<ClockClaim> ahead, EngineTime now)
    {
        var room = Room();
        if (room == 0) return ([], 0);
        var life = TimeSpan.FromTicks(Math.Max(state.Options.ReservationMin.Ticks, Math.Min(peer.RoundTrip.Ticks * 2, state.Options.ReservationMax.Ticks)));
        var wants = ImmutableArray.CreateBuilder<Want>();
        var points = 0;
        foreach (var tips in ahead.GroupBy(claim => claim.Chain).OrderBy(tips => _servedAt.GetValueOrDefault(tips.Key)))
        {
            if (wants.Count >= WantsMax || points >= PointsMax) break;
            var isOnly = !tips.Skip(1).Any() && !state.Intake.Forked.Contains(tips.Key);
            var lines = tips.Select(claim => state.Wants.For(claim, isOnly)).OfType<Want>().DistinctBy(want => (want.Last, want.Term)).Take(Want.LinesMax).ToList();
            if (lines.Count == 0) continue;
            if (!state.Node.Hosts(peer.Id) && state.Node.SourceOf(state, tips.Key) is { } nearer)
            {
                if (!nearer.Now) continue;
                state.Peers.Prefer(nearer.Agent);
                state.Rounds.Soon(now.Elapsed);
                continue;
            }

            if (!state.Reservations.TryReserve(exchange, lines[0], now.Elapsed, life) && !state.Start.Mutations.WithoutReservation) continue;
            wants.AddRange(lines);
            points += lines.Sum(want => want.Points.Length);
        }

        if (wants.Count == 0) return ([], 0);
        state.Reservations.Grant(exchange, room);
        return (wants.DrainToImmutable(), room);
    }

    /// <summary>Bytes that may be asked for: what neither waits for a commit, nor is held back, nor was granted to somebody already; at most
    /// one frame. When all of the hold-back is taken, one segment may still come, for it may be what the others wait for.</summary>
    private int Room()
    {
        if (state.Pending.IsFull) return 0;
        var granted = state.Reservations.Granted;
        var free = Math.Min(state.Pending.Room, state.HoldBack.Room) - granted;
        return (int)Math.Clamp(free, granted == 0 ? 1 : 0, state.Options.FrameBudgetBytes);
    }

    private bool Admit(ExchangeKey exchange, DeliveryMode mode, ImmutableArray<FrameSegment> frame, EngineTime now)
    {
        var origin = new FrameOrigin(exchange.Peer, exchange.Id, mode, now.Wall, frame.Sum(item => item.Segment.Bytes));
        var result = state.Intake.Admit(frame, origin);
        _frames++;
        foreach (var item in result.Admitted)
        {
            _servedAt[item.Entry.Chain.Main] = _frames;
            if (item.Body is { } body) state.Own.Observe(body.Records[^1].Header.Time, now.Wall);
            state.Reservations.Trust(item.Origin.Peer, item.Entry.Chain.Main);
        }

        state.Pending.Add(result.Admitted);
        foreach (var (segment, peer, detail) in result.TurnedAway)
        {
            state.Reservations.Avoid(peer, segment.Chain, now.Elapsed);
            // A row per chain, but only of members, and of no later epoch than the next: of names that a peer can invent there is no end.
            var isNear = state.Index.VouchersOf(segment.Chain.Agent).Count > 0 && segment.Chain.Epoch <= state.Index.LastEpochOf(segment.Chain.Agent) + 1;
            ChainId? chain = isNear ? segment.Chain : null;
            if (detail is not null) state.Pending.AddFailure(peer, ReceiptOutcome.Rejected, chain, exchange.Id, mode, now.Wall, detail);
        }

        return result.Admitted.Count > 0 || result.HeldBack > 0;
    }
}
