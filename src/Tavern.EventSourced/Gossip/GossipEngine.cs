using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>The gossip protocol of one agent as a pure state machine: inputs in, effects out. No sockets, disks, timers or
/// randomness of its own; ALGORITHM.md states the protocol. One owner; not safe for concurrent use.</summary>
public sealed class GossipEngine
{
    private readonly EngineState _state;
    private readonly ExchangeInitiator _initiator;
    private readonly ExchangeResponder _responder;
    private CommitInFlight? _inFlight;
    private TimeSpan? _wakeAt;

    /// <summary>Starts an engine over the segments its node holds. Its first round is due at once.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="start">What it is told once.</param>
    /// <param name="index">What its node holds.</param>
    /// <param name="signer">Signs its own events.</param>
    /// <param name="verifier">Checks those of others.</param>
    /// <param name="node">Shared by all engines of the node; one of its own by default.</param>
    public GossipEngine(GossipOptions options, EngineStart start, SegmentIndex index, IAgentSigner signer, ISignatureVerifier verifier, NodeShare? node = null)
    {
        options.Validate();
        _state = new EngineState(options, start with { Runs = [] }, index, signer, verifier, node ?? new NodeShare()); // runs are read once, below
        var inbox = new FrameInbox(_state);
        _initiator = new ExchangeInitiator(_state, inbox);
        _responder = new ExchangeResponder(_state, inbox);
        foreach (var run in start.Runs)
        {
            foreach (var entry in SegmentsOf(run)) _state.Intake.Receive(entry);
            Deliver(run);
        }

        _state.Guard.Begin();
    }

    /// <summary>Takes one input and returns what is to be done, in order. The list is the caller's.</summary>
    public IReadOnlyList<GossipEffect> Step(GossipInput input, EngineTime now)
    {
        _state.Effects.Clear();
        switch (input)
        {
            case GossipInput.Tick: OnTick(now); break;
            case GossipInput.Append append: _state.Own.Enqueue(append); break;
            case GossipInput.FormBatch: OnFormBatch(now); break;
            case GossipInput.Committed: OnCommitted(now); break;
            case GossipInput.ForkRead read: _state.Forks.Prove(read.A, read.B, read.Sequence); break;
            case GossipInput.Called called: _responder.OnCalled(called, now); break;
            case GossipInput.Answered answered: OnAnswered(answered, now); break;
            case GossipInput.CallFailed failed: OnFailed(failed, now); break;
            case GossipInput.HeadsTold told: _state.Guard.OnTold(told.CallId, told.Heads); break;
            case GossipInput.Leased leased: _state.Own.OnLeased(leased.Epoch, leased.Through); break;
            case GossipInput.LeaseFailed failed: _state.Own.OnLeaseFailed(failed.Reason, _state.Effects); break;
            case GossipInput.Pause pause: SetPaused(pause.Peers, true); break;
            case GossipInput.Resume resume: SetPaused(resume.Peers, false); _state.Rounds.Soon(now.Elapsed); break;
        }

        _state.Guard.Advance(now.Elapsed);
        Wake();
        return [.. _state.Effects];
    }

    /// <summary>A readable picture, for people.</summary>
    public EngineStatus Status(EngineTime now) => new(
        _state.Start.Agent,
        _state.Delivered.ToVectorClock(),
        _state.Delivered.LogLength,
        _state.IsPaused,
        _state.Rounds.Next > now.Elapsed ? _state.Rounds.Next - now.Elapsed : TimeSpan.Zero,
        [.. _state.Peers.All.Select(peer => new PeerStatus(
            peer.Id, _state.IsPaused || peer.IsPaused, peer.LastSuccess, peer.LastFailure, peer.FailuresInARow, peer.Failure, peer.Agreed)
        {
            Liveness = peer.Health.Liveness,
            LivenessSince = peer.Health.Since,
            LivenessBy = peer.Health.By,
        })],
        [.. _state.HoldBack.Segments.Select(held => new HeldBack(held.First, held.Segment.Last, held.Missing, held.Origin.Peer, held.Origin.At))],
        [.. _state.Reservations.Outstanding])
    { Guard = _state.Guard.Status, EpochElsewhere = EpochElsewhere };

    /// <summary>A later epoch that the agent has begun elsewhere, so that it may not write here; null when there is none.</summary>
    public int? EpochElsewhere => _state.Own.EpochElsewhere;

    /// <summary>True while appends should not be handed over yet: whether the log is complete is still being found out. False while nobody
    /// vouches for the agent: then they are refused.</summary>
    public bool HoldsAppends => _state.Guard.Phase is not GuardPhase.Open && _state.Own.IsVouched;

    private void OnTick(EngineTime now)
    {
        _wakeAt = null; // a timer may fire early: say again what is wanted
        _state.Own.OnTick();
        _state.Reservations.Expire(now.Elapsed);
        ReadForks(now);
        if (_state.IsPaused) return;
        _state.Prober.Expire(now);
        _state.Failures.Expire(now);
        if (now.Elapsed < _state.Rounds.Next) return;
        if ((_state.Rounds.Turn ??= _state.Node.Turns.Take(now.Elapsed)) > now.Elapsed) return;
        _state.Rounds.Started(now.Elapsed);
        for (var i = 0; i < _state.Options.FanOut && _initiator.Count < _state.Options.ExchangesMax; i++)
        {
            if (_state.Peers.Choose(now.Elapsed, _state.Delivered.LogLength) is not { } peer) break;
            _initiator.Open(peer, now);
        }
    }

    private void OnAnswered(GossipInput.Answered answered, EngineTime now)
    {
        if (!_state.Prober.OnAnswered(answered, now)) _initiator.OnAnswered(answered, now);
    }

    private void OnFailed(GossipInput.CallFailed failed, EngineTime now)
    {
        if (!_state.Guard.OnFailed(failed.CallId, now.Elapsed) && !_state.Prober.OnFailed(failed.CallId)) _initiator.OnFailed(failed.CallId, ReceiptOutcome.Unreachable, failed.Reason, now, isThere: false);
    }

    private void OnFormBatch(EngineTime now)
    {
        if (_inFlight is not null) throw new InvalidOperationException("A batch is under way; the next one forms when it is committed.");
        var mayWrite = _state.Own.IsWaiting && !HoldsAppends;
        if (!_state.Pending.IsWaiting && !mayWrite) return;
        var written = mayWrite ? _state.Own.Write(now.Wall, _state.Effects) : OwnBatch.Empty;
        var own = new List<(Segment, SegmentEntry)>(written.Segments.Length);
        foreach (var segment in written.Segments)
        {
            var entry = _state.Index.Add(segment, verified: true);
            _state.Intake.Receive(entry);
            own.Add((segment, entry));
        }

        List<AdmittedSegment> recorded = [.. written.Histories.SelectMany(recorded => Import(recorded, now))];
        var batch = _state.Pending.Take(own, recorded, _state.Delivered.LogLength);
        if (batch.IsEmpty) return;
        _inFlight = new CommitInFlight(batch.Runs, written.Appends);
        if (_state.Start.Mutations.AdvertisesBeforeCommit) Deliver(batch.Runs);
        _state.Effects.Add(new GossipEffect.Commit(batch, written.Appends));
    }

    /// <summary>A recorded history passes the same judgement as a frame from a peer. All of it is delivered: what was written here just
    /// now and does not pass is our bug.</summary>
    private List<AdmittedSegment> Import(OwnBatch.Recorded recorded, EngineTime now)
    {
        var segments = recorded.History.Write(_state.Start.Tavern, recorded.Voucher);
        _state.Own.Observe(segments[^1].Records[^1].Header.Time, now.Wall); // the historian's: the next own event comes after it
        var origin = new FrameOrigin(recorded.History.Historian, 0, DeliveryMode.Imported, now.Wall, segments.Sum(segment => segment.Bytes));
        var result = _state.Intake.Admit([.. segments.Select(segment => new FrameSegment(segment, 0))], origin);
        return result.Admitted.Count == segments.Length && result.TurnedAway.Count == 0
            ? result.Admitted
            : throw new InvalidOperationException(
                $"Of {segments.Length} segments of a recorded history {result.Admitted.Count} passed: {result.TurnedAway.Select(one => one.Detail).FirstOrDefault()}");
    }

    /// <summary>From here on, and not before, the batch may be seen by anyone.</summary>
    private void OnCommitted(EngineTime now)
    {
        var committed = _inFlight ?? throw new InvalidOperationException("No batch is under way.");
        _inFlight = null;
        if (!_state.Start.Mutations.AdvertisesBeforeCommit) Deliver(committed.Runs);
        if (!committed.Appends.IsEmpty) _state.Effects.Add(new GossipEffect.Appended(committed.Appends));
        if (committed.Runs.IsEmpty) return;
        _state.Effects.Add(new GossipEffect.Delivered(committed.Runs));
        ReadForks(now);
        _state.Rounds.News(now.Elapsed);
    }

    private void Deliver(ImmutableArray<Run> runs)
    {
        foreach (var run in runs) Deliver(run);
    }

    private void ReadForks(EngineTime now)
    {
        foreach (var (a, b) in _state.Forks.Unproven(now.Elapsed)) _state.Effects.Add(new GossipEffect.ReadFork(a, b));
    }

    private void Deliver(Run run)
    {
        _initiator.BeforeMove(run.Chain);
        foreach (var entry in SegmentsOf(run))
        {
            _state.Index.TryGetHash(entry.Chain[entry.Last], out var head);
            _state.Delivered.Advance(entry, _state.Index.PredecessorOf(entry.Chain[entry.First]), head, run.Hop);
            if (entry.AnnouncesEndpoint) _state.Peers.Add(entry.Chain.Agent);
        }
    }

    private IEnumerable<SegmentEntry> SegmentsOf(Run run)
    {
        for (var next = run.First; next <= run.Last;)
        {
            if (!_state.Index.TryGetSegment(run.Chain[next], out var entry))
                throw new InvalidOperationException($"The log of {run.Holder} names {run.Chain[next]}, which its node does not hold.");
            yield return entry;
            next = entry.Last + 1;
        }
    }

    private void SetPaused(ImmutableArray<AgentId> peers, bool paused)
    {
        if (peers.IsEmpty)
        {
            _state.IsPaused = paused;
            if (!paused)
                foreach (var peer in _state.Peers.All) peer.IsPaused = false;
        }

        foreach (var id in peers)
        {
            _state.Peers.Add(id);
            if (_state.Peers.TryGet(id, out var peer)) peer.IsPaused = paused;
        }
    }

    /// <summary>Says when the next tick is wanted, when that changed. With all exchanges under way, a round waits for one to end.</summary>
    private void Wake()
    {
        var wake = _state.Reservations.NextDeadline;
        if (!_state.IsPaused) wake = Earliest(wake, Earliest(_state.Rounds.Next, Earliest(_state.Prober.NextDeadline, _state.Failures.NextDeadline)));
        wake = Earliest(wake, _state.Guard.NextDeadline);
        if (wake is null || wake == _wakeAt) return;
        _wakeAt = wake;
        _state.Effects.Add(new GossipEffect.WakeAt(wake.Value));
    }

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private sealed record CommitInFlight(ImmutableArray<Run> Runs, ImmutableArray<AppendedEvents> Appends);
}
