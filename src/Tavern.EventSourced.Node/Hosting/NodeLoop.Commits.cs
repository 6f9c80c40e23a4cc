using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

// The commit pipeline. One commit is under way at most; what arrives meanwhile goes out in the next. Nothing is
// acknowledged, advertised, sent or shown before its commit returned.
internal sealed partial class NodeLoop
{
    private readonly Queue<PendingAppend> _waiting = [];
    private readonly Dictionary<long, PendingAppend> _handedOver = [];
    private readonly List<AppendedEvents> _steps = []; // appends without events: no engine needs to hear of them
    private JoinedCommit? _underWay;
    private long _nextToken;

    private void TryCommit()
    {
        if (_underWay is not null || _services.History.IsBehind || (_waiting.Count == 0 && !_agents.Values.Any(agent => agent.MayHaveBatch))) return;
        HandOverAppends();
        var parts = new List<(HostedAgent Agent, GossipEffect.Commit Commit)>();
        foreach (var agent in _agents.Values)
        {
            if (!agent.MayHaveBatch) continue;
            var effects = agent.Step(new GossipInput.FormBatch());
            parts.AddRange(effects.OfType<GossipEffect.Commit>().Select(commit => (agent, commit)));
            Perform(agent, [.. effects.Where(effect => effect is not GossipEffect.Commit)], null);
        }

        if (parts.Count == 0 && _steps.Count == 0) return;
        ImmutableArray<AppendedEvents> steps = [.. _steps];
        _steps.Clear();
        var batch = _services.Join.Join([.. parts.Select(part => part.Commit)], steps, _handedOver);
        var joined = _underWay = new JoinedCommit(batch, [.. parts.Select(part => part.Agent)], steps);
        _services.Outstanding.Start(async token =>
        {
            await _services.Committer.CommitAsync(joined.Batch, token).ConfigureAwait(false);
            await PostAsync(new LoopInput.Committed(), token).ConfigureAwait(false);
        });
    }

    /// <summary>Appends wait here, not in the engine, so that they can be withdrawn until the last moment.</summary>
    private void HandOverAppends()
    {
        var isHeld = false;
        for (var left = _waiting.Count; left > 0 && _waiting.TryDequeue(out var append); left--)
        {
            if (_agents[append.Agent].HoldsAppends && !append.Drafts.IsEmpty && !append.IsWithdrawn)
            {
                _waiting.Enqueue(append); // until its agent may write
                isHeld = true;
                continue;
            }

            if (!append.TryTake())
            {
                _services.Queue.Leave(append);
                continue;
            }

            var agent = _agents[append.Agent];
            if (append.Handled is { } handled && _services.Positions.TryBegin(append, handled, agent.LogLength) is { } refusal)
            {
                _services.Queue.Leave(append);
                append.Fail(refusal);
                continue;
            }

            _handedOver.Add(++_nextToken, append);
            if (append.Drafts.IsEmpty) _steps.Add(new AppendedEvents(_nextToken, []));
            else Step(agent, new GossipInput.Append(_nextToken, append.Drafts, append.ExpectedHead) { Histories = append.Histories });
        }

        _services.Queue.IsHeld = isHeld;
    }

    private void OnCommitted()
    {
        var (batch, agents, steps) = _underWay ?? throw new InvalidOperationException("A commit ended that was not under way.");
        _underWay = null;
        foreach (var (segment, _) in batch.Segments)
        {
            _services.Join.Committed(segment);
            _services.Cache.Add(segment);
            _services.Peers.Add(segment, _services.Index);
        }

        // Readers see it before anybody is told of it: whoever got an acknowledgement can read what was written.
        if (_services.History.Post(batch)) _services.Outstanding.Start(SettleAsync);
        foreach (var agent in agents) Step(agent, new GossipInput.Committed());
        foreach (var step in steps) Acknowledge(step);
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        await _services.History.SettleAsync(_services.Time, cancellationToken).ConfigureAwait(false);
        TryPost(new LoopInput.TimePassed()); // commits may have waited for it
    }

    private void Acknowledge(AppendedEvents appended)
    {
        if (appended.Token == 0) _services.Numbers.EpochBegan(appended.Events[0].Agent);
        if (!_handedOver.Remove(appended.Token, out var append)) return;
        _services.Queue.Leave(append);
        _services.Positions.End(append, committed: true);
        append.Succeed(appended.Events);
    }

    private void Refuse(HostedAgent agent, GossipEffect.AppendRefused refused)
    {
        if (!_handedOver.Remove(refused.Token, out var append)) return;
        _services.Queue.Leave(append);
        _services.Positions.End(append, committed: false);
        append.Fail(new AppendRefusedException(agent.Id, refused.Reason, refused.Detail));
    }

    /// <summary>Writes a lease beside the loop; only then may the numbers be used.</summary>
    private async Task LeaseAsync(AgentId agent, GossipEffect.Lease lease, CancellationToken cancellationToken)
    {
        GossipInput outcome;
        try
        {
            _services.Numbers.Lease(agent, lease.Epoch, lease.Used, lease.Through);
            outcome = new GossipInput.Leased(lease.Epoch, lease.Through);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            outcome = new GossipInput.LeaseFailed(
                $"The keys folder cannot be written to, and before an event is written it is noted there which numbers are used; nothing was written. {e.Message}");
        }

        await PostAsync(new LoopInput.ToEngine(agent, outcome), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After the loop has ended: notes exactly which numbers were used, where that is known for certain.</summary>
    public void NoteStop()
    {
        if (_underWay is not null) return;
        foreach (var agent in _agents.Values)
            if (agent.Status().Guard is { Phase: GuardPhase.Open, Epoch: var epoch }) _services.Numbers.Stopped(agent.Id, epoch, agent.HeadOf(new ChainId(agent.Id, epoch)));
    }

    /// <summary>Says where the agent can be reached, unless its log says so already. Refused while nobody is known to vouch for it;
    /// tried again whenever it has heard more.</summary>
    private void Announce(HostedAgent agent)
    {
        if (agent.Announcement is { Done: { IsCompleted: false } or { IsCompletedSuccessfully: true } }) return;
        ImmutableArray<string> addresses = [_address.AbsoluteUri];
        var announced = agent.ChainsOf(agent.Id).Select(chain => _services.Peers.AddressesAt(chain, agent.HeadOf(chain))).FirstOrDefault([]);
        if (announced.Select(address => address.AbsoluteUri).SequenceEqual(addresses)) return;
        agent.Announcement = new PendingAppend(agent.Id, [EventCatalogue.Draft(new EndpointAnnounced(addresses))], null, null, default);
        _waiting.Enqueue(agent.Announcement);
    }

    /// <summary>After the loop has ended: nobody waits for ever.</summary>
    private void FailWaiting()
    {
        _inputs.Writer.TryComplete();
        while (_inputs.Reader.TryRead(out var input))
            if (input is LoopInput.Append(var late)) _waiting.Enqueue(late);
        foreach (var append in _waiting.Concat(_handedOver.Values)) append.Fail(Appends.Stopping());
    }

    private sealed record JoinedCommit(StoreBatch Batch, ImmutableArray<HostedAgent> Agents, ImmutableArray<AppendedEvents> Steps);
}
