using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>The side of an exchange that starts it: states what it has, sends what the other wants, asks for what the other has.</summary>
internal sealed class ExchangeInitiator(EngineState state, FrameInbox inbox)
{
    private const int EqualExchangesMax = 64; // equal exchanges between two comparisons of full clocks by hash

    // What moved since the Syn the peer may know from an exchange of its own, and leave out: that is no reason to compare all, unless it goes on.
    private const int UnexplainedMax = 3;

    private readonly Dictionary<long, Exchange> _calls = [];
    private ulong _lastExchange;

    /// <summary>Exchanges under way.</summary>
    public int Count => _calls.Count;

    /// <summary>A chain is about to move: exchanges under way compare against what it was when they began.</summary>
    public void BeforeMove(ChainId chain)
    {
        foreach (var exchange in _calls.Values) exchange.Before.TryAdd(chain.Main, state.Delivered.ClaimsOf(chain));
    }

    /// <summary>Starts an exchange: what this agent has, as of now.</summary>
    public void Open(Peer peer, EngineTime now)
    {
        var page = peer.NeedsPages ? PageAfter(peer.PageAfter) : null;
        var nonce = peer.EqualExchanges >= EqualExchangesMax ? state.Random.Next() | 1 : 0;
        var exchange = new Exchange(++_lastExchange, peer, now.Elapsed, state.Delivered.LogLength, state.Delivered.Fingerprint, page, nonce)
        {
            Clock = nonce == 0 ? [] : [.. state.Delivered.SortedAfter(null)],
        };
        peer.IsBusy = true;
        var changed = page is null ? Recent(peer) : [];
        Call(exchange, new GossipMessage.Syn(exchange.Id, state.Failures.Incarnation, exchange.Fingerprint, changed, page, nonce) { Rumours = state.Failures.Tell(peer) }, null);
    }

    /// <summary>A call was answered.</summary>
    public void OnAnswered(GossipInput.Answered answered, EngineTime now)
    {
        if (!_calls.TryGetValue(answered.CallId, out var exchange)) return;
        switch (answered.Message)
        {
            case GossipMessage.SynAck ack:
                Worked(answered.CallId, exchange, now);
                state.Hear(exchange.Peer, ack.Incarnation, ack.Rumours, now);
                OnSynAck(exchange, ack, now);
                break;
            case GossipMessage.Push push:
                Worked(answered.CallId, exchange, now);
                var moved = inbox.Take(exchange.Key, answered.Local ? DeliveryMode.Local : DeliveryMode.Network, push, now);
                exchange.Moved |= moved;
                Continue(exchange, mayAskMore: push.More && moved, now);
                break;
            case GossipMessage.Refused refused:
                OnFailed(
                    answered.CallId, refused.Reason == RefusalReason.Paused ? ReceiptOutcome.Paused : ReceiptOutcome.Rejected, $"{refused.Reason}: {refused.Detail}", now,
                    isThere: !refused.IsFromAnother);
                break;
            default:
                OnFailed(answered.CallId, ReceiptOutcome.Rejected, $"The peer answered with an unexpected {answered.Message.GetType().Name}.", now, isThere: true);
                break;
        }
    }

    /// <summary>A call was not answered, or refused: the exchange is over.</summary>
    public void OnFailed(long callId, ReceiptOutcome outcome, string reason, EngineTime now, bool isThere)
    {
        if (!_calls.Remove(callId, out var exchange)) return;
        exchange.Peer.IsBusy = false;
        var failure = state.Pending.AddFailure(exchange.Peer.Id, outcome, null, exchange.Id, DeliveryMode.Network, now.Wall, reason);
        exchange.Peer.Failed(failure, now.Elapsed, state.Options.RoundIntervalMax * 2);
        if (isThere) state.Hear(exchange.Peer, null, [], now);
        else state.Prober.IsSilent(exchange.Peer, now);
        state.Reservations.Release(exchange.Key, answered: false);
        state.Rounds.ExchangeFailed(now.Elapsed);
    }

    private void Worked(long callId, Exchange exchange, EngineTime now)
    {
        _calls.Remove(callId);
        exchange.Peer.Succeeded(now.Wall, now.Elapsed - exchange.CalledAt);
        state.Pending.EndFailures(exchange.Peer.Id);
        state.Failures.Health.Better();
        state.Hear(exchange.Peer, null, [], now);
    }

    /// <summary>The responder's side of the comparison is here: send what it wants, ask for what it has.</summary>
    private void OnSynAck(Exchange exchange, GossipMessage.SynAck ack, EngineTime now)
    {
        var isNew = state.Meet(exchange.Peer, ack.Incarnation);
        if (ack.Fingerprint == exchange.Fingerprint)
        {
            OnEqual(exchange, ack);
            Close(exchange, now);
            return;
        }

        Compare(exchange, ack, isNew);
        exchange.Theirs = ack.Wants;
        exchange.Room = ack.Room;
        Continue(exchange, mayAskMore: true, now);
    }

    /// <summary>Are the entries named all that differs between the two snapshots? If not, the next exchanges compare page by page.</summary>
    private void Compare(Exchange exchange, GossipMessage.SynAck ack, bool isNew)
    {
        var peer = exchange.Peer;
        peer.Differ();
        var explained = exchange.Fingerprint;
        var owed = new List<ChainId>();
        foreach (var theirs in ack.Claims.GroupBy(claim => claim.Chain).Select(claims => claims.ToArray()))
        {
            var chain = theirs[0].Chain;
            var mine = exchange.Before.TryGetValue(chain, out var before) ? before : state.Delivered.ClaimsOf(chain);
            unchecked
            {
                explained += ClaimComparison.Sum(theirs) - ClaimComparison.Sum(mine);
            }

            var ahead = state.Comparison.Ahead(theirs, mine, state.Delivered.Has).ToArray();
            if (ClaimComparison.Owes(mine, theirs, ahead)) owed.Add(chain);
            exchange.Ahead.AddRange(ahead);
        }

        if (exchange.Page is { } page)
        {
            peer.PageAfter = page.Through;
            peer.NeedsPages = page.Through is not null;
            owed.AddRange(peer.Owed);
            peer.Confirm(peer.NeedsPages ? 0 : exchange.Position, owed, agreed: false);
        }
        else if (explained == ack.Fingerprint)
        {
            peer.Confirm(exchange.Position, owed, agreed: false);
        }
        else if (exchange.Before.Count == 0 || ++peer.UnexplainedWhileMoving == UnexplainedMax)
        {
            peer.UnexplainedWhileMoving = 0;
            peer.NeedsPages = !isNew; // what was left out because an earlier incarnation had confirmed it, the next Syn names
            peer.PageAfter = null;
        }
    }

    private static void OnEqual(Exchange exchange, GossipMessage.SynAck ack)
    {
        var peer = exchange.Peer;
        peer.Confirm(exchange.Position, [], agreed: true);
        (peer.NeedsPages, peer.PageAfter) = (false, null);
        peer.EqualExchanges++;
        if (exchange.Nonce == 0 || ack.ClockHash is not { } theirs) return;
        peer.EqualExchanges = 0;
        if (ClockHash.Of(exchange.Nonce, ack.Nonce, exchange.Clock) == theirs) return;
        peer.NeedsPages = true;
        peer.Differ();
    }

    /// <summary>One more push while either side still wants something; otherwise the exchange is over.</summary>
    private void Continue(Exchange exchange, bool mayAskMore, EngineTime now)
    {
        var (wants, room) = mayAskMore ? inbox.Reserve(exchange.Peer, exchange.Key, exchange.Ahead, now) : ([], 0);
        var (segments, left) = FramePlanner.Plan(exchange.Theirs, state.Index, state.Delivered, state.Comparison, state.FrameBudget(exchange.Room));
        exchange.Theirs = left;
        if (segments.IsEmpty && wants.IsEmpty)
        {
            Close(exchange, now);
            return;
        }

        exchange.Moved |= !segments.IsEmpty;
        exchange.CalledAt = now.Elapsed;
        Call(exchange, null, new PushPlan(exchange.Id, segments, wants, !left.IsEmpty, room));
    }

    private void Close(Exchange exchange, EngineTime now)
    {
        exchange.Peer.IsBusy = false;
        state.Reservations.Release(exchange.Key, answered: true);
        state.Rounds.ExchangeEnded(now.Elapsed, exchange.Moved || exchange.Peer.PageAfter is not null, exchange.Peer.Agreed);
    }

    private ImmutableArray<ClockClaim> Recent(Peer peer)
    {
        var recent = ImmutableArray.CreateBuilder<ClockClaim>();
        recent.AddRange(state.Delivered.ChangedSince(peer.Confirmed, state.Options.RecentEntriesMax));
        var named = recent.Select(claim => claim.Chain).ToHashSet();
        foreach (var chain in peer.Owed.Order())
            if (named.Add(chain)) recent.AddRange(state.Delivered.ClaimsOf(chain).Take(state.Options.RecentEntriesMax - recent.Count));
        return recent.DrainToImmutable();
    }

    private ClockPage PageAfter(ClockClaim? after)
    {
        ImmutableArray<ClockClaim> entries = [.. state.Delivered.SortedAfter(after).Take(state.Options.PageEntriesMax)];
        return new ClockPage(after, entries.Length < state.Options.PageEntriesMax ? null : entries[^1], entries);
    }

    private void Call(Exchange exchange, GossipMessage? message, PushPlan? plan)
    {
        var call = state.NextCallId();
        _calls.Add(call, exchange);
        state.Effects.Add(new GossipEffect.Call(call, exchange.Peer.Id, message, plan));
    }
}
