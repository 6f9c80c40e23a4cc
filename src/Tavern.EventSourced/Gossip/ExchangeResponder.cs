using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>The side of an exchange that is called: compares the initiator's clock, as of the position it states, with this agent's as
/// of now, takes what is pushed and sends what is wanted.</summary>
internal sealed class ExchangeResponder(EngineState state, FrameInbox inbox)
{
    private const int ClaimsMax = 8192; // about 400 KiB of message; what is left out shows as a difference next time

    /// <summary>Answers a call in the same step.</summary>
    public void OnCalled(GossipInput.Called called, EngineTime now)
    {
        if (Refusal(called) is { } refusal)
        {
            Respond(called, refusal, null);
            return;
        }

        state.Peers.Add(called.From);
        state.Peers.TryGet(called.From, out var known);
        var peer = known!;
        peer.Succeeded(now.Wall, TimeSpan.Zero);
        switch (called.Message)
        {
            case GossipMessage.Syn syn:
                state.Hear(peer, syn.Incarnation, syn.Rumours, now);
                var (answer, ahead) = Answer(syn, peer);
                var (wants, room) = inbox.Reserve(peer, new ExchangeKey(called.From, syn.Exchange, StartedHere: false), ahead, now);
                Respond(called, answer with { Wants = wants, Room = room, Rumours = state.Failures.Tell(peer) }, null);
                break;
            case GossipMessage.Push push:
                state.Hear(peer, null, [], now);
                inbox.Take(new ExchangeKey(called.From, push.Exchange, StartedHere: false), called.Local ? DeliveryMode.Local : DeliveryMode.Network, push, now);
                var (segments, left) = FramePlanner.Plan(push.Wants, state.Index, state.Delivered, state.Comparison, state.FrameBudget(push.Room));
                Respond(called, null, new PushPlan(push.Exchange, segments, [], !left.IsEmpty));
                break;
            case GossipMessage.Probe probe:
                state.Hear(peer, probe.Incarnation, [], now);
                Respond(called, state.Prober.Answer(peer, probe, now), null);
                break;
            default:
                Respond(called, new GossipMessage.Refused(RefusalReason.Malformed, $"Expected Syn, Push or Probe; got {called.Message.GetType().Name}."), null);
                break;
        }
    }

    /// <summary>Why a call is refused; null when it is not.</summary>
    private GossipMessage.Refused? Refusal(GossipInput.Called called)
    {
        if (state.IsPaused || (state.Peers.TryGet(called.From, out var peer) && peer.IsPaused))
            return new GossipMessage.Refused(RefusalReason.Paused, "Gossip is paused here.");
        if (called.From == state.Start.Agent) return new GossipMessage.Refused(RefusalReason.Malformed, "An agent does not call itself.");
        if (!state.Peers.IsSeed(called.From) && !IsVouched(called.From))
            return new GossipMessage.Refused(RefusalReason.Stranger, "No event delivered here vouches for the caller.");
        return called.Message is GossipMessage.Push { Frame.IsEmpty: false } && state.Pending.IsFull
            ? new GossipMessage.Refused(RefusalReason.Busy, "Commits cannot keep up here; offer it again later.")
            : null;
    }

    private bool IsVouched(AgentId agent)
    {
        foreach (var voucher in state.Index.VouchersOf(agent))
            if (state.Delivered.Has(voucher.Event)) return true;
        return false;
    }

    /// <summary>The answer (without wants), and the initiator's claims that are ahead of this agent.</summary>
    private (GossipMessage.SynAck Answer, List<ClockClaim> Ahead) Answer(GossipMessage.Syn syn, Peer peer)
    {
        state.Meet(peer, syn.Incarnation);
        var (delivered, incarnation) = (state.Delivered, state.Failures.Incarnation);
        if (syn.Fingerprint == delivered.Fingerprint)
        {
            peer.Confirm(delivered.LogLength, [], agreed: true);
            if (syn.Nonce == 0) return (new GossipMessage.SynAck(incarnation, delivered.Fingerprint, [], []), []);
            var nonce = state.Random.Next();
            return (new GossipMessage.SynAck(incarnation, delivered.Fingerprint, [], [], nonce, ClockHash.Of(syn.Nonce, nonce, delivered.SortedAfter(null))), []);
        }

        peer.Differ();
        var ahead = new List<ClockClaim>();
        var owed = new List<ChainId>();
        var claims = new SortedSet<ClockClaim>();
        var named = new HashSet<ChainId>();
        var explained = delivered.Fingerprint;
        foreach (var theirs in (syn.Page?.Entries ?? syn.Changed).GroupBy(claim => claim.Chain).Select(group => group.ToArray()))
        {
            var chain = theirs[0].Chain;
            named.Add(chain);
            var mine = delivered.ClaimsOf(chain);
            if (mine.Length == theirs.Length && mine.All(theirs.Contains)) continue;
            var further = state.Comparison.Ahead(theirs, mine, delivered.Has).ToArray();
            if (ClaimComparison.Owes(mine, theirs, further)) owed.Add(chain);
            ahead.AddRange(further);
            claims.UnionWith(mine.Where(claim => claim.Sequence == 0 || IsWithin(claim, syn.Page)));
            unchecked
            {
                explained += ClaimComparison.Sum(theirs) - ClaimComparison.Sum(mine);
            }
        }

        var onlyNamed = true;
        foreach (var mine in Unnamed(syn, peer, named))
        {
            claims.Add(mine);
            onlyNamed = false;
        }

        if (onlyNamed && syn.Page is null && explained == syn.Fingerprint) peer.Confirm(delivered.LogLength, owed, agreed: false);
        return (new GossipMessage.SynAck(incarnation, delivered.Fingerprint, [.. claims.Take(ClaimsMax)], []), ahead);
    }

    /// <summary>Entries that may differ and that the initiator did not name: of the page's range, or changed since it confirmed.</summary>
    private IEnumerable<ClockClaim> Unnamed(GossipMessage.Syn syn, Peer peer, HashSet<ChainId> named)
    {
        var mine = syn.Page is { } page
            ? state.Delivered.SortedAfter(page.After).TakeWhile(claim => IsWithin(claim, page))
            : state.Delivered.ChangedSince(peer.Confirmed, state.Options.RecentEntriesMax).Concat(peer.Owed.SelectMany(chain => state.Delivered.ClaimsOf(chain)));
        return mine.Where(claim => !named.Contains(claim.Chain));
    }

    private static bool IsWithin(ClockClaim claim, ClockPage? page) =>
        page is null || ((page.After is not { } after || claim.CompareTo(after) > 0) && (page.Through is not { } through || claim.CompareTo(through) <= 0));

    private void Respond(GossipInput.Called called, GossipMessage? message, PushPlan? plan) =>
        state.Effects.Add(new GossipEffect.Respond(called.CallId, message, plan));
}
