using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>The gossip protocol of one agent as a pure state machine: inputs in, effects out. No sockets, disks, timers or
/// randomness of its own; ALGORITHM.md states the protocol. One owner; not safe for concurrent use.</summary>
public sealed class GossipEngine
{
    private const int UselessExchangesMax = 3; // after news, exchanges that moved nothing before waiting for the next round (Demers 1987, "feedback, counter")
    private const int EqualExchangesMax = 64; // equal exchanges between two comparisons of full clocks by hash

    private readonly GossipOptions _options;
    private readonly EngineStart _start;
    private readonly SegmentIndex _index;
    private readonly SplitMix64 _random;
    private readonly DeliveredClock _delivered;
    private readonly HoldBack _holdBack;
    private readonly SegmentIntake _intake;
    private readonly OwnChain _own;
    private readonly PendingBatch _pending;
    private readonly PeerTable _peers;
    private readonly Reservations _reservations;
    private readonly ExchangeResponder _responder;
    private readonly Dictionary<long, Exchange> _calls = [];
    private readonly List<GossipEffect> _effects = [];
    private CommitInFlight? _inFlight;
    private long _lastCall;
    private ulong _lastExchange;
    private bool _isPaused;
    private TimeSpan _nextRound;
    private TimeSpan _interval;
    private TimeSpan? _wakeAt;
    private int _uselessLeft;

    /// <summary>Starts an engine over the segments its node holds. Its first round is due at once.</summary>
    public GossipEngine(GossipOptions options, EngineStart start, SegmentIndex index, IAgentSigner signer, ISignatureVerifier verifier)
    {
        options.Validate();
        (_options, _start, _index) = (options, start, index);
        _random = new SplitMix64(start.Seed);
        _delivered = new DeliveredClock(start.Tavern);
        _holdBack = new HoldBack(options.HoldBackBytesMax);
        _intake = new SegmentIntake(start.Tavern, index, verifier, _holdBack);
        _own = new OwnChain(start.Tavern, new ChainId(start.Agent, start.Epoch), index, _intake, signer);
        _pending = new PendingBatch(start.Agent, start.LastReceipt);
        _peers = new PeerTable(_random);
        _reservations = new Reservations(options.DefaulterTime);
        _responder = new ExchangeResponder(options, start, _delivered, _random);
        _interval = options.RoundInterval;
        foreach (var seed in start.Seeds) AddPeer(seed);
        foreach (var run in start.Runs) Replay(run);
    }

    /// <summary>Takes one input and returns what is to be done, in order. The list is the caller's.</summary>
    public IReadOnlyList<GossipEffect> Step(GossipInput input, EngineTime now)
    {
        _effects.Clear();
        switch (input)
        {
            case GossipInput.Tick: OnTick(now); break;
            case GossipInput.Append append: _own.Enqueue(append); break;
            case GossipInput.FormBatch: OnFormBatch(now); break;
            case GossipInput.Committed: OnCommitted(now); break;
            case GossipInput.Called called: OnCalled(called, now); break;
            case GossipInput.Answered answered: OnAnswered(answered, now); break;
            case GossipInput.CallFailed failed: OnCallFailed(failed.CallId, ReceiptOutcome.Unreachable, failed.Reason, now); break;
            case GossipInput.Pause pause: SetPaused(pause.Peers, true); break;
            case GossipInput.Resume resume: SetPaused(resume.Peers, false); WantRound(now, _options.NewsDelay); break;
        }

        Wake();
        return [.. _effects];
    }

    /// <summary>A readable picture, for people.</summary>
    public EngineStatus Status(EngineTime now) => new(
        _start.Agent,
        _delivered.ToVectorClock(),
        _delivered.LogLength,
        _isPaused,
        _nextRound > now.Elapsed ? _nextRound - now.Elapsed : TimeSpan.Zero,
        [.. _peers.All.Select(peer => new PeerStatus(
            peer.Id, _isPaused || peer.IsPaused, peer.LastSuccess, peer.LastFailure, peer.FailuresInARow, peer.FailureDetail, peer.Agreed))],
        [.. _holdBack.Segments.Select(held => new HeldBack(held.Segment.Chain[held.Segment.First], held.Segment.Last, held.Missing, held.Origin.Peer, held.Origin.At))],
        [.. _reservations.Outstanding]);

    private void OnTick(EngineTime now)
    {
        _wakeAt = null; // a timer may fire early: say again what is wanted
        _reservations.Expire(now.Elapsed);
        if (_isPaused || now.Elapsed < _nextRound) return;
        var jitter = 0.8 + 0.4 * _random.NextUnit();
        _nextRound = now.Elapsed + _interval * jitter;
        _interval = _interval * 2 < _options.RoundIntervalMax ? _interval * 2 : _options.RoundIntervalMax;
        for (var i = 0; i < _options.FanOut && _calls.Count < _options.ExchangesMax; i++)
        {
            if (_peers.Choose(now.Elapsed, _delivered.LogLength) is not { } peer) break;
            Open(peer, now);
        }
    }

    /// <summary>Starts an exchange: what this agent has, as of now.</summary>
    private void Open(Peer peer, EngineTime now)
    {
        var page = peer.NeedsPages ? PageAfter(peer.PageAfter) : null;
        var nonce = peer.EqualExchanges >= EqualExchangesMax ? _random.Next() | 1 : 0;
        var exchange = new Exchange(++_lastExchange, peer, now.Elapsed, _delivered.LogLength, _delivered.Fingerprint, page, nonce)
        {
            Clock = nonce == 0 ? [] : [.. _delivered.SortedAfter(null)],
        };
        peer.IsBusy = true;
        var changed = page is null ? Recent(peer) : [];
        Call(exchange, new GossipMessage.Syn(exchange.Id, _start.Incarnation, exchange.Fingerprint, changed, page, nonce), null);
    }

    private ImmutableArray<ClockClaim> Recent(Peer peer)
    {
        var recent = ImmutableArray.CreateBuilder<ClockClaim>();
        recent.AddRange(_delivered.ChangedSince(peer.Confirmed, _options.RecentEntriesMax));
        foreach (var chain in peer.Owed.Order())
            if (recent.Count < _options.RecentEntriesMax && !recent.Any(claim => claim.Chain == chain)) recent.Add(_delivered.ClaimOf(chain));
        return recent.DrainToImmutable();
    }

    private ClockPage PageAfter(ChainId? after)
    {
        ImmutableArray<ClockClaim> entries = [.. _delivered.SortedAfter(after).Take(_options.PageEntriesMax)];
        return new ClockPage(after, entries.Length < _options.PageEntriesMax ? null : entries[^1].Chain, entries);
    }

    private void OnAnswered(GossipInput.Answered answered, EngineTime now)
    {
        if (!_calls.TryGetValue(answered.CallId, out var exchange)) return;
        switch (answered.Message)
        {
            case GossipMessage.SynAck ack:
                _calls.Remove(answered.CallId);
                Worked(exchange, now);
                OnSynAck(exchange, ack, now);
                break;
            case GossipMessage.Push push:
                _calls.Remove(answered.CallId);
                Worked(exchange, now);
                Take(exchange.Peer.Id, exchange.Id, answered.Local ? DeliveryMode.Local : DeliveryMode.Network, push, now);
                exchange.Moved |= !push.Frame.IsEmpty;
                _reservations.Release(exchange.Key, answered: true);
                Continue(exchange, mayAskMore: push.More, now);
                break;
            case GossipMessage.Refused refused:
                OnCallFailed(answered.CallId, refused.Reason == RefusalReason.Paused ? ReceiptOutcome.Paused : ReceiptOutcome.Rejected, $"{refused.Reason}: {refused.Detail}", now);
                break;
            default:
                OnCallFailed(answered.CallId, ReceiptOutcome.Rejected, $"The peer answered with an unexpected {answered.Message.GetType().Name}.", now);
                break;
        }
    }

    private void Worked(Exchange exchange, EngineTime now)
    {
        exchange.Peer.Succeeded(now.Wall, now.Elapsed - exchange.CalledAt);
        _pending.EndFailures(exchange.Peer.Id);
    }

    /// <summary>The responder's side of the comparison is here: send what it wants, ask for what it has.</summary>
    private void OnSynAck(Exchange exchange, GossipMessage.SynAck ack, EngineTime now)
    {
        var peer = exchange.Peer;
        var isNew = peer.Meet(ack.Incarnation);
        if (ack.Fingerprint == exchange.Fingerprint)
        {
            OnEqual(exchange, ack);
            Close(exchange, now);
            return;
        }

        peer.Differ();
        var explained = exchange.Fingerprint;
        var owed = new List<ChainId>();
        foreach (var claim in ack.Claims)
        {
            var mine = exchange.Before.TryGetValue(claim.Chain, out var before) ? before : _delivered.ClaimOf(claim.Chain);
            unchecked
            {
                explained += claim.Term - mine.Term;
            }

            if (mine.Sequence > claim.Sequence) owed.Add(claim.Chain);
            if (claim.Sequence > mine.Sequence) exchange.Ahead.Add(claim);
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
        else
        {
            peer.NeedsPages = !isNew; // what was left out because an earlier incarnation had confirmed it, the next Syn names
            peer.PageAfter = null;
        }

        exchange.Theirs = ack.Wants;
        Continue(exchange, mayAskMore: true, now);
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
        var wants = mayAskMore ? Reserve(exchange.Peer, exchange.Key, exchange.Ahead, now) : [];
        var (segments, left) = FramePlanner.Plan(exchange.Theirs, _index, _delivered, _options.FrameBudgetBytes);
        exchange.Theirs = left;
        if (segments.IsEmpty && wants.IsEmpty)
        {
            Close(exchange, now);
            return;
        }

        exchange.Moved |= !segments.IsEmpty;
        exchange.CalledAt = now.Elapsed;
        Call(exchange, null, new PushPlan(exchange.Id, segments, wants, !left.IsEmpty));
    }

    private void Close(Exchange exchange, EngineTime now)
    {
        exchange.Peer.IsBusy = false;
        _reservations.Release(exchange.Key, answered: true);
        if (exchange.Moved || exchange.Peer.PageAfter is not null) _uselessLeft = UselessExchangesMax; // never on a bare difference: a fork is one for ever
        else if (_uselessLeft > 0) _uselessLeft--;
        if (!exchange.Peer.Agreed) _interval = _options.RoundInterval;
        if (_uselessLeft > 0) WantRound(now, _options.NewsDelay);
    }

    private void OnCallFailed(long callId, ReceiptOutcome outcome, string reason, EngineTime now)
    {
        if (!_calls.Remove(callId, out var exchange)) return;
        exchange.Peer.IsBusy = false;
        exchange.Peer.Failed(now.Wall, now.Elapsed, reason, _options.RoundIntervalMax * 2);
        _reservations.Release(exchange.Key, answered: false);
        _pending.AddFailure(exchange.Peer.Id, outcome, exchange.Id, DeliveryMode.Network, now.Wall, reason);
        _interval = _options.RoundInterval;
        if (_uselessLeft > 0) WantRound(now, _options.NewsDelay);
    }

    private void OnCalled(GossipInput.Called called, EngineTime now)
    {
        if (Refusal(called.From) is { } refusal)
        {
            _effects.Add(new GossipEffect.Respond(called.CallId, refusal, null));
            return;
        }

        AddPeer(called.From);
        _peers.TryGet(called.From, out var peer);
        if (!called.Local) peer!.Succeeded(now.Wall, TimeSpan.Zero);
        switch (called.Message)
        {
            case GossipMessage.Syn syn:
                var (ack, ahead) = _responder.Answer(syn, peer!);
                var wants = Reserve(peer!, new ExchangeKey(called.From, syn.Exchange, StartedHere: false), ahead, now);
                _effects.Add(new GossipEffect.Respond(called.CallId, ack with { Wants = wants }, null));
                break;
            case GossipMessage.Push push:
                Take(called.From, push.Exchange, called.Local ? DeliveryMode.Local : DeliveryMode.Network, push, now);
                _reservations.Release(new ExchangeKey(called.From, push.Exchange, StartedHere: false), answered: true);
                var (segments, left) = FramePlanner.Plan(push.Wants, _index, _delivered, _options.FrameBudgetBytes);
                _effects.Add(new GossipEffect.Respond(called.CallId, null, new PushPlan(push.Exchange, segments, [], !left.IsEmpty)));
                break;
            default:
                _effects.Add(new GossipEffect.Respond(called.CallId, new GossipMessage.Refused(RefusalReason.Malformed, $"Expected Syn or Push; got {called.Message.GetType().Name}."), null));
                break;
        }
    }

    /// <summary>Why a caller is not heard; null when it is.</summary>
    private GossipMessage.Refused? Refusal(AgentId from)
    {
        if (_isPaused || (_peers.TryGet(from, out var peer) && peer.IsPaused))
            return new GossipMessage.Refused(RefusalReason.Paused, "Gossip is paused here.");
        if (from == _start.Agent) return new GossipMessage.Refused(RefusalReason.Malformed, "An agent does not call itself.");
        return _start.Seeds.Contains(from) || IsVouched(from)
            ? null
            : new GossipMessage.Refused(RefusalReason.Stranger, "No event delivered here vouches for the caller.");
    }

    private bool IsVouched(AgentId agent)
    {
        foreach (var voucher in _index.VouchersOf(agent))
            if (_delivered[voucher.Event.Chain] >= voucher.Event.Sequence) return true;
        return false;
    }

    private void Take(AgentId from, ulong exchange, DeliveryMode mode, GossipMessage.Push push, EngineTime now)
    {
        foreach (var reason in push.Unreadable) _pending.AddFailure(from, ReceiptOutcome.Rejected, exchange, mode, now.Wall, reason);
        var frame = push.Frame;
        if (frame.IsEmpty) return;
        var origin = new FrameOrigin(from, exchange, mode, now.Wall, frame.Sum(item => item.Segment.Bytes));
        var rejections = new List<Rejection>();
        var admitted = _intake.Admit(frame, origin, rejections);
        foreach (var item in admitted) _own.Observe(item.Segment.Records[^1].Header.Time, now.Wall);
        _pending.Add(admitted);
        foreach (var rejection in rejections) _pending.AddFailure(from, ReceiptOutcome.Rejected, exchange, mode, now.Wall, rejection.Detail);
    }

    /// <summary>Asks the peer for what it has more of and nobody else was asked for.</summary>
    private ImmutableArray<Want> Reserve(Peer peer, ExchangeKey exchange, IEnumerable<ClockClaim> ahead, EngineTime now)
    {
        var life = peer.RoundTrip * 2 > _options.ReservationMin ? peer.RoundTrip * 2 : _options.ReservationMin;
        var wants = ImmutableArray.CreateBuilder<Want>();
        foreach (var claim in ahead)
        {
            var first = _holdBack.ThroughOf(claim.Chain, _intake[claim.Chain]) + 1;
            if (first > claim.Sequence || wants.Count == ExchangeResponder.WantsMax) continue;
            var want = new Want(claim.Chain, first, claim.Sequence);
            if (_reservations.TryReserve(exchange, want, now.Elapsed, life)) wants.Add(want);
        }

        return wants.DrainToImmutable();
    }

    private void OnFormBatch(EngineTime now)
    {
        if (_inFlight is not null) throw new InvalidOperationException("A batch is under way; the next one forms when it is committed.");
        if (!_pending.IsWaiting && !_own.IsWaiting) return;
        var (segments, appends) = _own.IsWaiting ? _own.Write(now.Wall, _effects) : ([], []);
        var own = new List<(Segment, SegmentEntry)>(segments.Length);
        foreach (var segment in segments)
        {
            var entry = _index.Add(segment, verified: true);
            _intake.Receive(entry);
            own.Add((segment, entry));
        }

        var (batch, entries) = _pending.Take(own, _delivered.LogLength);
        if (batch.IsEmpty) return;
        _inFlight = new CommitInFlight(entries, batch.Runs, appends);
        _effects.Add(new GossipEffect.Commit(batch, appends));
    }

    /// <summary>From here on, and not before, the batch may be seen by anyone.</summary>
    private void OnCommitted(EngineTime now)
    {
        var committed = _inFlight ?? throw new InvalidOperationException("No batch is under way.");
        _inFlight = null;
        foreach (var run in committed.Runs) Deliver(run);
        if (!committed.Appends.IsEmpty) _effects.Add(new GossipEffect.Appended(committed.Appends));
        if (committed.Runs.IsEmpty) return;
        _effects.Add(new GossipEffect.Delivered(committed.Runs));
        _interval = _options.RoundInterval;
        _uselessLeft = UselessExchangesMax;
        WantRound(now, _options.NewsDelay);
    }

    /// <summary>At a start: what the log says was delivered.</summary>
    private void Replay(Run run)
    {
        foreach (var entry in SegmentsOf(run)) _intake.Receive(entry);
        Deliver(run);
    }

    private void Deliver(Run run)
    {
        foreach (var exchange in _calls.Values) exchange.Before.TryAdd(run.Chain, _delivered.ClaimOf(run.Chain));
        foreach (var entry in SegmentsOf(run))
        {
            _index.TryGetHash(entry.Chain[entry.Last], out var head);
            _delivered.Advance(entry.Chain, entry.Last, head, run.Hop);
            if (entry.AnnouncesEndpoint) AddPeer(entry.Chain.Agent);
        }
    }

    private IEnumerable<SegmentEntry> SegmentsOf(Run run)
    {
        for (var next = run.First; next <= run.Last;)
        {
            if (!_index.TryGetSegment(run.Chain[next], out var entry))
                throw new InvalidOperationException($"The log of {run.Holder} names {run.Chain[next]}, which its node does not hold.");
            yield return entry;
            next = entry.Last + 1;
        }
    }

    private void AddPeer(AgentId agent)
    {
        if (agent != _start.Agent) _peers.Add(agent);
    }

    private void SetPaused(ImmutableArray<AgentId> peers, bool paused)
    {
        if (peers.IsEmpty)
        {
            _isPaused = paused;
            if (!paused)
                foreach (var peer in _peers.All) peer.IsPaused = false;
        }

        foreach (var id in peers)
        {
            AddPeer(id);
            if (_peers.TryGet(id, out var peer)) peer.IsPaused = paused;
        }
    }

    private void Call(Exchange exchange, GossipMessage? message, PushPlan? plan)
    {
        _calls.Add(++_lastCall, exchange);
        _effects.Add(new GossipEffect.Call(_lastCall, exchange.Peer.Id, message, plan));
    }

    private void WantRound(EngineTime now, TimeSpan delay)
    {
        if (now.Elapsed + delay < _nextRound) _nextRound = now.Elapsed + delay;
    }

    /// <summary>Says when the next tick is wanted, when that changed. With all exchanges under way, a round waits for one to end.</summary>
    private void Wake()
    {
        var wake = _isPaused ? (TimeSpan?)null : _nextRound;
        if (_reservations.NextDeadline is { } deadline && (wake is null || deadline < wake)) wake = deadline;
        if (wake is null || wake == _wakeAt) return;
        _wakeAt = wake;
        _effects.Add(new GossipEffect.WakeAt(wake.Value));
    }

    private sealed record CommitInFlight(
        ImmutableArray<SegmentEntry> Entries, ImmutableArray<Run> Runs, ImmutableArray<AppendedEvents> Appends);
}
