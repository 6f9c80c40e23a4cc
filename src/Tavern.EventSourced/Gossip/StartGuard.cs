using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Keeps an agent from using a sequence twice after its disk was lost or rolled back. Before the first append after a start it asks
/// agents on other stores how far they have heard this one; any evidence that the log is behind ends the epoch, after what others
/// have was pulled back. ALGORITHM.md states its invariant.</summary>
internal sealed class StartGuard
{
    private const int AsksMax = 16; // at a time: a thousand known agents are asked within seconds, and none of them is flooded by many starts

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(250); // after a failure: all nodes may be starting at once

    private readonly EngineState _state;
    private readonly GuardStart? _start;
    private readonly Dictionary<AgentId, Asked> _asked = [];
    private readonly Dictionary<long, AgentId> _calls = [];
    private readonly SortedDictionary<int, long> _proven = []; // per epoch the highest head that somebody proved
    private string? _lost;
    private TimeSpan? _since; // when asking began to count: from the time the agent could write
    private bool _isLate; // the time for answers is over
    private TimeSpan _progressAt;
    private long _stored; // own events in the log at the start
    private long _pulled;

    public StartGuard(EngineState state)
    {
        (_state, _start) = (state, state.Start.Guard);
        Phase = _start is null or { IsNewborn: true } ? GuardPhase.Open : GuardPhase.Asking;
        _lost = _start?.Lost;
    }

    /// <summary>How far it is.</summary>
    public GuardPhase Phase { get; private set; }

    private bool IsOver => Phase is GuardPhase.Open or GuardPhase.TurnedAway;

    /// <summary>A readable picture, for people.</summary>
    public GuardStatus Status => new(
        Phase, _state.Own.Chain.Epoch, Phase is GuardPhase.Asking ? [.. Others().Where(other => !HasAnswered(other))] : [],
        Phase is GuardPhase.Open ? _state.Own.Began : _lost);

    /// <summary>The log that the agent starts with was taken in: all that comes later of its own comes from others.</summary>
    public void Begin() => _stored = Received();

    /// <summary>When it wants to be woken; null when it waits for nothing but answers.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            if (IsOver) return null;
            TimeSpan? next = Phase is GuardPhase.PullingBack ? _progressAt + _state.Options.GuardProgressTime : _isLate ? null : _since + _state.Options.GuardAnswerTime;
            foreach (var asked in _asked.Values)
                if (asked is { Answered: false, Waits: false } && (next is null || asked.Again < next)) next = asked.Again;
            return next;
        }
    }

    /// <summary>An agent was asked and answered, with what proves how far it has heard this one.</summary>
    public void OnTold(long callId, ImmutableArray<SignedHead> heads)
    {
        if (!_calls.Remove(callId, out var agent)) return;
        _asked[agent] = new Asked(true, false, true, default);
        foreach (var head in heads)
            if (Proven(head) is { } id) _proven[id.Epoch] = Math.Max(id.Sequence, _proven.GetValueOrDefault(id.Epoch));
    }

    /// <summary>An agent was asked and did not answer. True when the call was one of the guard's.</summary>
    public bool OnFailed(long callId, TimeSpan now)
    {
        if (!_calls.Remove(callId, out var agent)) return false;
        _asked[agent] = new Asked(false, false, true, now + AskAgain);
        return true;
    }

    /// <summary>After every input: asks, decides, opens.</summary>
    public void Advance(TimeSpan now)
    {
        if (IsOver) return;
        Ask(now);
        if (!_state.Own.IsVouched) return; // it could write nothing, and what is heard until then tells whom to ask
        _since ??= now;
        if (Phase is GuardPhase.Asking && IsDecided(now)) Decide(now);
        if (Phase is GuardPhase.PullingBack) PullBack(now);
    }

    private void Ask(TimeSpan now)
    {
        foreach (var other in Others())
        {
            if (_calls.Count == AsksMax) return;
            var asked = _asked.GetValueOrDefault(other);
            if (asked.Answered || asked.Waits || now < asked.Again) continue;
            _asked[other] = asked with { Waits = true };
            var call = _state.NextCallId();
            _calls.Add(call, other);
            _state.Effects.Add(new GossipEffect.AskHeads(call, other));
        }
    }

    /// <summary>Everybody was heard, or the time is over.</summary>
    private bool IsDecided(TimeSpan now)
    {
        var (others, answers, tried) = (0, 0, 0);
        foreach (var other in Others())
        {
            var asked = _asked.GetValueOrDefault(other);
            others++;
            if (asked.Answered) answers++;
            if (asked.Tried) tried++;
        }

        if (tried == others && (answers > 0 || others == 0 || _start!.IsExact)) return true;
        _isLate = now >= _since + _state.Options.GuardAnswerTime;
        if (!_isLate) return false;
        if (answers > 0 || _start!.IsExact) return true;
        if (_start.WaitForPeers) return false;
        if (tried < Math.Min(others, AsksMax)) return false; // on a busy machine an answer may be waiting behind this input; each call ends within seconds
        _lost ??= $"none of {others} known agents on other nodes answered within {_state.Options.GuardAnswerTime.TotalSeconds} s, so nobody can say that its log is complete";
        return true;
    }

    private void Decide(TimeSpan now)
    {
        if (_start!.IsInvited && LastProven() is (var written, > 0 and var last))
        {
            TurnAway(new ChainId(_state.Start.Agent, written)[last]);
            return;
        }

        var own = _state.Own.Chain;
        var head = _state.Own.LastOf(own)?.Sequence ?? 0;
        if (head < _start.Used) _lost ??= $"its log ends at {own[head]}, but its lease says that {_start.Used} were written";
        if (_proven.Count > 0 && _proven.Last() is var (epoch, proven) && (epoch > own.Epoch || (epoch == own.Epoch && proven > head)))
            _lost ??= $"its log ends at {own[head]}, but another agent has {new ChainId(own.Agent, epoch)[proven]}";
        if (Received() > _stored || _state.Index.LastEpochOf(own.Agent) > own.Epoch || Highest(own, _state.Index.HeadOf) > head)
            _lost ??= $"others have events of its own that were missing from its log of {_stored}";
        if (_state.Own.IsForked) _lost ??= "two copies of it have written different events";
        if (!_state.Own.HasKeyOf(own)) _lost ??= "it has a new key";
        if (_lost is null || _state.Start.Mutations.WithoutNewEpoch)
        {
            Open(own.Epoch, null);
            return;
        }

        (Phase, _progressAt, _pulled) = (GuardPhase.PullingBack, now, Received());
        _state.Rounds.News(now);
    }

    /// <summary>Waits for what others proved to have, as long as something comes.</summary>
    private void PullBack(TimeSpan now)
    {
        if (Received() > _pulled) (_pulled, _progressAt) = (Received(), now);
        var (epoch, head) = LastProven();
        var last = new ChainId(_state.Start.Agent, epoch);
        if (Highest(last, chain => _state.Delivered[chain]) < head && now < _progressAt + _state.Options.GuardProgressTime) return;
        Open(epoch + 1, _lost);
    }

    /// <summary>The newest epoch that is known of, by the log, the lease or a proof, and how far it went at least.</summary>
    private (int Epoch, long Head) LastProven()
    {
        var epoch = Math.Max(_state.Own.Chain.Epoch, _state.Index.LastEpochOf(_state.Start.Agent));
        if (_proven.Count > 0) epoch = Math.Max(epoch, _proven.Last().Key);
        return (epoch, Math.Max(_proven.GetValueOrDefault(epoch), Highest(new ChainId(_state.Start.Agent, epoch), _state.Index.HeadOf)));
    }

    private void Open(int epoch, string? because)
    {
        Phase = GuardPhase.Open;
        _calls.Clear();
        _state.Own.Open(epoch, because);
        _state.Effects.Add(new GossipEffect.GuardPassed(epoch, because));
    }

    private void TurnAway(EventId last)
    {
        Phase = GuardPhase.TurnedAway;
        _calls.Clear();
        _state.Effects.Add(new GossipEffect.TurnedAway(last));
    }

    /// <summary>How many events of its own the agent has.</summary>
    private long Received()
    {
        var sum = 0L;
        for (var epoch = 1; epoch <= _state.Index.LastEpochOf(_state.Start.Agent); epoch++) sum += _state.Index.BranchesOf(new ChainId(_state.Start.Agent, epoch)).Sum(branch => _state.Intake[branch]);
        return sum;
    }

    /// <summary>The highest of the heads of a chain's lines.</summary>
    private long Highest(ChainId chain, Func<ChainId, long> headOf) => _state.Index.BranchesOf(chain).Select(headOf).DefaultIfEmpty().Max();

    private IEnumerable<AgentId> Others() =>
        _state.Peers.Ids.Where(id => !_start!.SameStore.Contains(id) && !_state.Index.IsRetired(id));

    private bool HasAnswered(AgentId agent) => _asked.GetValueOrDefault(agent).Answered;

    /// <summary>The event that a head proves this agent to have written; null when it proves nothing: anybody can say anything.</summary>
    private EventId? Proven(SignedHead head)
    {
        try
        {
            var id = EventHeader.Decode(head.Header.Span).Id;
            if (id.Agent != _state.Start.Agent) return null;
            var content = Segment.SignedContent(_state.Start.Tavern, id, Hash.Of(head.Header.Span));
            return _state.Own.IsSigned(id.Chain, content, head.Signature.Span) ? id : null;
        }
        catch (MalformedRecordException)
        {
            return null;
        }
    }

    /// <summary>What became of asking an agent.</summary>
    /// <param name="Answered">It answered.</param>
    /// <param name="Waits">It was called and has not answered yet.</param>
    /// <param name="Tried">It answered or failed once.</param>
    /// <param name="Again">When to ask again after a failure.</param>
    private readonly record struct Asked(bool Answered, bool Waits, bool Tried, TimeSpan Again);
}
