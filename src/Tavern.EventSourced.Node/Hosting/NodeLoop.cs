using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Drives the engines of all agents of a node: one bounded channel, one reader. What engines ask for that takes time
/// (bodies, calls, commits) runs beside it and comes back as an input.</summary>
internal sealed partial class NodeLoop : IDisposable
{
    private const int InputsMax = 8192; // some 100 agents with all their exchanges open; a caller beyond that is told to come back
    private const int InputsPerTurnMax = 512; // then due ticks and the next commit get their turn

    private readonly Channel<LoopInput> _inputs = Channel.CreateBounded<LoopInput>(new BoundedChannelOptions(InputsMax) { SingleReader = true });
    private readonly Queue<LoopInput> _local = []; // between hosted agents: the loop must not wait for itself
    private readonly SortedDictionary<AgentId, HostedAgent> _agents = [];
    private readonly LoopServices _services;
    private readonly Uri _address; // announced by each hosted agent
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _localFirst;
    private long _nextCallId;

    public NodeLoop(LoopServices services, IReadOnlyList<HostedAgent> agents, Uri address)
    {
        (_services, _address) = (services, address);
        foreach (var agent in agents) _agents.Add(agent.Id, agent);
        // A lost signal is harmless: a full channel means that the loop is awake, and it looks at the clock on every turn.
        _timer = services.Time.CreateTimer(_ => _inputs.Writer.TryWrite(new LoopInput.TimePassed()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Hands an input over, waiting while the channel is full.</summary>
    public ValueTask PostAsync(LoopInput input, CancellationToken cancellationToken) => _inputs.Writer.WriteAsync(input, cancellationToken);

    /// <summary>Hands an input over; false when the channel is full.</summary>
    public bool TryPost(LoopInput input) => _inputs.Writer.TryWrite(input);

    /// <summary>Hands over a question to the loop and waits for the answer.</summary>
    /// <exception cref="ObjectDisposedException">The node has stopped.</exception>
    public async ValueTask<T> AskAsync<T>(Func<TaskCompletionSource<T>, LoopInput> question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await PostAsync(question(answer), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // The loop has ended, as it may also do now.
        }

        await Task.WhenAny(answer.Task, _ended.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
        ObjectDisposedException.ThrowIf(!answer.Task.IsCompleted, typeof(TavernNode));
        return await answer.Task.ConfigureAwait(false);
    }

    /// <summary>Where an agent may answer, as far as a hosted one knows.</summary>
    public ValueTask<ImmutableArray<Uri>> LocateAsync(AgentId asking, AgentId agent, CancellationToken cancellationToken) =>
        AskAsync<ImmutableArray<Uri>>(found => new LoopInput.Locate(asking, agent, found), cancellationToken);

    /// <summary>Runs until cancelled. Anything else that ends it is a bug that ends the process.</summary>
    public async Task RunAsync(Action<string, Exception?> endProcess, CancellationToken stopping)
    {
        try
        {
            foreach (var agent in _agents.Values.ToList()) Begin(agent);
            EndTurn();
            while (_local.Count > 0 || await _inputs.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
            {
                stopping.ThrowIfCancellationRequested();
                for (var taken = 0; taken < InputsPerTurnMax && TryNext(out var input); taken++) Take(input);
                EndTurn();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node stops.
        }
#pragma warning disable CA1031 // whatever it is, it is our bug: the process ends instead of limping on
        catch (Exception e)
#pragma warning restore CA1031
        {
            endProcess($"Tavern node: unexpected failure in the loop, a bug; ending the process. {e.Message}", e);
        }
        finally
        {
            FailWaiting();
            _ended.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        foreach (var agent in _agents.Values) agent.Dispose();
    }

    /// <summary>In turn from both, so that neither starves the other.</summary>
    private bool TryNext([NotNullWhen(true)] out LoopInput? input)
    {
        _localFirst = !_localFirst;
        return _localFirst
            ? _local.TryDequeue(out input) || _inputs.Reader.TryRead(out input)
            : _inputs.Reader.TryRead(out input) || _local.TryDequeue(out input);
    }

    private void Take(LoopInput input)
    {
        switch (input)
        {
            case LoopInput.ToEngine(var agent, var message):
                Step(_agents[agent], message);
                break;
            case LoopInput.Called called:
                Answer(called);
                break;
            case LoopInput.Append(var pending):
                _waiting.Enqueue(pending);
                break;
            case LoopInput.Committed:
                OnCommitted();
                break;
            case LoopInput.HeadsVerified(var heads):
                foreach (var head in heads) head.Verified = true;
                break;
            case LoopInput.Steer(var agent, var message, var done):
                Step(_agents[agent], message);
                done.TrySetResult(true);
                break;
            case LoopInput.Look(var agent, var seen):
                seen.TrySetResult(_agents[agent].Status());
                break;
            case LoopInput.Locate(var asking, var agent, var found):
                found.TrySetResult(AddressesOf(agent, _agents[asking]));
                break;
            case LoopInput.PlanTrail(var agent, var key, var planned):
                planned.TrySetResult(TrailPlan.Of(_services.Index, agent, key));
                break;
            case LoopInput.Host(var agent, var done):
                _agents.Add(agent.Id, agent);
                Begin(agent);
                done.TrySetResult(true);
                break;
            case LoopInput.TimePassed:
                break; // every turn looks at the clock
        }
    }

    /// <summary>After each batch of inputs: due ticks, the next commit, the next alarm.</summary>
    private void EndTurn()
    {
        foreach (var agent in _agents.Values)
        {
            if (agent.WakeAt is not { } due || agent.Elapsed < due) continue;
            agent.WakeAt = null;
            Step(agent, new GossipInput.Tick());
        }

        TryCommit();
        if (_agents.Values.Min(agent => agent.WakeAt - agent.Elapsed) is { } wait)
            _timer.Change(Clamp(wait), Timeout.InfiniteTimeSpan);
    }

    /// <summary>At least a millisecond, which is what timers resolve; at most an hour, which is what they surely accept.</summary>
    private static TimeSpan Clamp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, 3_600_000));

    private void Begin(HostedAgent agent)
    {
        _services.News.Post(agent.Id, agent.LogLength);
        Announce(agent);
        Step(agent, new GossipInput.Tick());
    }

    private void Step(HostedAgent agent, GossipInput input, Caller? caller = null) => Perform(agent, agent.Step(input), caller);

    private void Perform(HostedAgent agent, IReadOnlyList<GossipEffect> effects, Caller? caller)
    {
        // First: a call of the same step may be to an address that was delivered with it.
        foreach (var delivered in effects.OfType<GossipEffect.Delivered>()) agent.Delivered(delivered.Runs);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case GossipEffect.Call call:
                    Call(agent, call);
                    break;
                case GossipEffect.Respond respond:
                    Respond(respond, caller ?? throw new InvalidOperationException($"The engine of {agent.Id} answered call {respond.CallId}, which it did not get."));
                    break;
                case GossipEffect.Commit:
                    throw new InvalidOperationException($"The engine of {agent.Id} handed over a batch that it was not asked for.");
                case GossipEffect.Appended(var appends):
                    foreach (var appended in appends) Acknowledge(appended);
                    break;
                case GossipEffect.AppendRefused refused:
                    Refuse(agent, refused);
                    break;
                case GossipEffect.Delivered(var runs):
                    OnDelivered(agent, runs);
                    break;
                case GossipEffect.AskHeads ask:
                    AskHeads(agent, ask);
                    break;
                case GossipEffect.Lease lease:
                    _services.Outstanding.Start(token => LeaseAsync(agent.Id, lease, token));
                    break;
                case GossipEffect.GuardPassed(var epoch, { } because):
                    _services.Tell($"{_services.NameOf(agent.Id)} begins epoch {epoch}, because {because}.");
                    break;
                case GossipEffect.TurnedAway(var last):
                    _services.TurnAway(agent.Id, last);
                    break;
                case GossipEffect.ReadFork(var a, var b):
                    _services.Outstanding.Start(token => ReadForkAsync(agent.Id, a, b, token));
                    break;
                case GossipEffect.WakeAt(var elapsed):
                    agent.WakeAt = elapsed;
                    break;
            }
        }
    }

    private void OnDelivered(HostedAgent agent, ImmutableArray<Run> runs)
    {
        if (runs.IsEmpty) return;
        _services.News.Post(agent.Id, runs[^1].LastPosition);
        Announce(agent); // a newcomer can only announce itself once it has heard who vouches for it
        if (agent.EpochElsewhere is not { } epoch || epoch == agent.ToldElsewhere) return;
        agent.ToldElsewhere = epoch;
        _services.Tell($"{_services.NameOf(agent.Id)} has begun epoch {epoch} elsewhere: two copies of it are at work, and this one may not write any more. Leave one of them running and start it anew.");
    }
}
