using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>Whether a node does something.</summary>
public enum NodeState
{
    /// <summary>It is not running; calls to it are refused.</summary>
    Stopped,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its process stands still: what reaches it waits.</summary>
    Paused,
}

/// <summary>One node of a simulation: drives the engines of the agents it hosts, as the real node does, on a simulated disk and network.</summary>
public sealed partial class SimulatedNode
{
    private static readonly TimeSpan TimerResolution = TimeSpan.FromMilliseconds(1);

    private readonly TimedSimulation _world;
    private readonly ImmutableArray<AgentId> _seeds;
    private readonly Dictionary<EventId, Segment> _bodies = [];
    private readonly Queue<Action> _backlog = [];
    private TimeSpan _startedAt;
    private int _life; // what was planned in an earlier one does not happen
    private long _lastToken;

    internal SimulatedNode(TimedSimulation world, int number, IReadOnlyList<SimulatedAgent> agents, SimulatedDisk disk, SimulatedKeys keys, ImmutableArray<AgentId> seeds) =>
        (_world, Number, Agents, Disk, Keys, _seeds) = (world, number, agents, disk, keys, seeds);

    /// <summary>Place in the simulation, from 0.</summary>
    public int Number { get; }

    /// <summary>The agents it hosts.</summary>
    public IReadOnlyList<SimulatedAgent> Agents { get; }

    /// <summary>Its disk.</summary>
    public SimulatedDisk Disk { get; }

    /// <summary>What it keeps beside its keys, apart from the disk. An older copy can be put back while it is stopped.</summary>
    public SimulatedKeys Keys { get; set; }

    /// <summary>Whether it runs.</summary>
    public NodeState State { get; private set; }

    /// <summary>The segments it holds in memory: committed, or about to be.</summary>
    public SegmentIndex Index { get; private set; } = new();

    /// <summary>True when nothing waits in it to be done or committed.</summary>
    public bool IsSettled => State == NodeState.Stopped
        || (_underWay is null && _backlog.Count == 0 && _leasesUnderWay == 0 && Agents.All(agent => agent.Held.Count == 0 && !agent.Engine.HoldsAppends));

    /// <summary>How far its wall clock is ahead. Default 0.</summary>
    public TimeSpan ClockAhead { get; set; }

    /// <summary>Starts from what the disk holds, with nothing else remembered.</summary>
    public void Start()
    {
        if (State != NodeState.Stopped) return;
        (State, _startedAt, Index) = (NodeState.Running, _world.Now, new SegmentIndex());
        _bodies.Clear();
        foreach (var agent in Agents) agent.Forget();
        foreach (var batch in Disk.Batches)
        {
            foreach (var (segment, verified) in batch.Segments)
            {
                Index.Add(segment, verified);
                _bodies.TryAdd(segment.Chain[segment.First], segment);
            }

            foreach (var run in batch.Runs) Restore(HostOf(run.Holder), run);
        }

        _world.Trace.Add(_world.Now, "node {0} starts with {1} commits", Number, Disk.Commits);
        var share = new NodeShare();
        foreach (var agent in Agents)
        {
            foreach (var receipt in Disk.ReceiptsOf(agent.Id)) agent.Keep(receipt);
            agent.Engine = NewEngine(agent, share);
        }

        foreach (var agent in Agents)
        {
            agent.MustAnnounce = agent.IsNewcomer && Index.HeadOf(new ChainId(agent.Id, 1)) == 0;
            if (agent.MustAnnounce) Announce(agent);
            Take(agent, new GossipInput.Tick());
        }

        Keys.HaveBeenUsed = true;
    }

    /// <summary>The process dies at once. Of a commit under way the disk has all or nothing, as chance will have it.</summary>
    public void Crash()
    {
        if (State == NodeState.Stopped) return;
        _world.Trace.Add(_world.Now, "node {0} dies", Number);
        if (_underWay is { } commit && _world.Random.Below(2) == 0) MakeDurable(commit);
        State = NodeState.Stopped;
        _life++;
        (_underWay, _leasesUnderWay) = (null, 0);
        _backlog.Clear();
    }

    /// <summary>The process stands still.</summary>
    public void Pause()
    {
        if (State == NodeState.Running) State = NodeState.Paused;
    }

    /// <summary>The process goes on, with what waited.</summary>
    public void Resume()
    {
        if (State != NodeState.Paused) return;
        State = NodeState.Running;
        while (State == NodeState.Running && _backlog.TryDequeue(out var waiting)) waiting();
    }

    /// <summary>A hosted agent wants events written; nothing happens when the node is down.</summary>
    internal void Append(SimulatedAgent agent, ImmutableArray<EventDraft> drafts)
    {
        if (State == NodeState.Stopped) return;
        InThisLife(() =>
        {
            agent.Held.Enqueue(new GossipInput.Append(++_lastToken, drafts));
            HandOver(agent);
            TryCommit();
        })();
    }

    /// <summary>The segments of a hosted agent's log, in its order.</summary>
    internal IEnumerable<Segment> SegmentsOf(SimulatedAgent agent)
    {
        foreach (var run in agent.Log)
            for (var next = run.First; next <= run.Last; next = _bodies[run.Chain[next]].Last + 1) yield return _bodies[run.Chain[next]];
    }

    /// <summary>A readable picture of a hosted agent's engine.</summary>
    internal EngineStatus StatusOf(SimulatedAgent agent) => agent.Engine.Status(Now);

    private EngineTime Now => new(_world.Now - _startedAt, Founding.At + _world.Now + ClockAhead);

    /// <summary>What happens only if the node has not died meanwhile, and waits while it stands still.</summary>
    private Action InThisLife(Action action)
    {
        var life = _life;
        return () =>
        {
            if (life != _life || State == NodeState.Stopped) return;
            if (State == NodeState.Paused) _backlog.Enqueue(action);
            else action();
        };
    }

    /// <summary>One input, all that follows from it at once, and the next commit if something waits for one.</summary>
    private void Take(SimulatedAgent agent, GossipInput input, CallInFlight? answering = null)
    {
        Perform(agent, agent.Engine.Step(input, Now), answering);
        TryCommit();
    }

    private void Perform(SimulatedAgent agent, IReadOnlyList<GossipEffect> effects, CallInFlight? answering)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case GossipEffect.Call call:
                    Call(agent, call);
                    break;
                case GossipEffect.Respond respond:
                    Respond(agent, respond, answering ?? throw new InvalidOperationException($"{agent} answered a call that it did not get."));
                    break;
                case GossipEffect.Appended(var appends):
                    foreach (var id in appends.SelectMany(append => append.Events)) _world.Checks.Acknowledged(agent, id);
                    break;
                case GossipEffect.ReadFork(var a, var b):
                    _world.After(TimeSpan.Zero, InThisLife(() => Take(agent, new GossipInput.ForkRead(SegmentWith(a), SegmentWith(b), a.Sequence))));
                    break;
                case GossipEffect.AskHeads ask:
                    AskHeads(agent, ask);
                    break;
                case GossipEffect.Lease lease:
                    Lease(agent, lease);
                    break;
                case GossipEffect.GuardPassed(var epoch, { } because):
                    _world.Trace.Add(_world.Now, "{0} begins epoch {1} because {2}", agent, epoch, because);
                    break;
                case GossipEffect.AppendRefused refused:
                    if (refused.Reason != AppendRefusal.NotVouched && !agent.IsLiar) _world.Checks.Violate($"{agent} refused an append: {refused.Detail}");
                    break;
                case GossipEffect.Delivered when agent.MustAnnounce:
                    Announce(agent);
                    break;
                case GossipEffect.WakeAt(var elapsed):
                    Wake(agent, elapsed);
                    break;
            }
        }
    }

    private void Wake(SimulatedAgent agent, TimeSpan elapsed)
    {
        agent.WakeAt = elapsed;
        var at = _startedAt + elapsed;
        _world.At(at > _world.Now + TimerResolution ? at : _world.Now + TimerResolution, InThisLife(() =>
        {
            if (agent.WakeAt is not { } due || _world.Now - _startedAt < due) return; // another wish came in between
            agent.WakeAt = null;
            Take(agent, new GossipInput.Tick());
        }));
    }

    /// <summary>A newcomer says where it can be reached as soon as it has heard who vouches for it, as the real node does.</summary>
    private void Announce(SimulatedAgent agent)
    {
        if (Index.VouchersOf(agent.Id).Count == 0) return;
        agent.MustAnnounce = false;
        Append(agent, [EventCatalogue.Draft(new EndpointAnnounced([$"https://agent-{agent.Number}.example/"]))]);
    }

    private Segment SegmentWith(EventId id) => Index.TryGetSegment(id, out var entry)
        ? _bodies[entry.Chain[entry.First]]
        : throw new InvalidOperationException($"Node {Number} does not hold {id}.");

    private SimulatedAgent HostOf(AgentId id) => Agents.First(agent => agent.Id == id);
}
