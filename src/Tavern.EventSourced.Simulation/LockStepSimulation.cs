using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Checks;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation;

/// <summary>The gossip engine of many agents in lock-step rounds: every agent starts its round on what it had committed when the
/// round began, messages travel in waves, commits end the round. One seed is one run, the same on every machine. All agents share
/// one index of segments, since there are no forks here.</summary>
public sealed class LockStepSimulation
{
    private readonly SegmentIndex _index = new();
    private readonly Dictionary<EventId, Segment> _bodies = [];
    private readonly Dictionary<AgentId, SimulatedAgent> _byId = [];
    private readonly SplitMix64 _random;
    private readonly List<SimulatedAgent> _agents = [];
    private readonly int _agentsPerNode;
    private long _lastToken;

    /// <summary>Makes a tavern of <paramref name="agents"/> agents (at least 1) that all know each other and nothing else.</summary>
    /// <param name="agents">How many.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="options">Of all engines.</param>
    /// <param name="agentsPerNode">How many of them, by number, share a node; at least 1, the default.</param>
    public LockStepSimulation(int agents, ulong seed, GossipOptions? options = null, int agentsPerNode = 1)
        : this(agents, seed, EngineMutations.None, options, agentsPerNode)
    {
    }

    internal LockStepSimulation(int agents, ulong seed, EngineMutations mutations, GossipOptions? options = null, int agentsPerNode = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(agents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(agentsPerNode, 1);
        _agentsPerNode = agentsPerNode;
        _random = new SplitMix64(seed);
        var signers = Enumerable.Range(0, agents).Select(_ => new KeyedHashSigner(_random.Next())).ToImmutableArray<IAgentSigner>();
        var founding = new Founding(signers);
        Tavern = founding.Tavern;
        Traffic = new Traffic(Tavern);
        foreach (var segment in founding.Segments)
        {
            _index.Add(segment, verified: true);
            _bodies.Add(segment.Chain[segment.First], segment);
        }

        List<NodeShare> nodes = [.. Enumerable.Range(0, (agents + agentsPerNode - 1) / agentsPerNode).Select(_ => new NodeShare(agentsPerNode * 8))];
        var founded = LogContents.FoundingOf(founding.Segments);
        foreach (var signer in signers)
        {
            var agent = new SimulatedAgent(_agents.Count, signer, new LogContents(founded));
            _agents.Add(agent);
            _byId.Add(agent.Id, agent);
            agent.Contents.AddFounding();
            agent.Keep(founding.RunOf(agent.Id));
            var start = new EngineStart(Tavern, agent.Id, 1, agent.Log, 0, founding.Everyone, _random.Next(), _random.Next()) { Mutations = mutations };
            agent.Engine = new GossipEngine(options ?? new GossipOptions(), start, _index, agent.Signer, new KeyedHashVerifier(), nodes[agent.Number / agentsPerNode]);
        }
    }

    /// <summary>The tavern's id.</summary>
    public Hash Tavern { get; }

    /// <summary>The agents, by number; the root is number 0.</summary>
    public IReadOnlyList<SimulatedAgent> Agents => _agents;

    /// <summary>The segments that exist, whoever has delivered them.</summary>
    public SegmentIndex Index => _index;

    /// <summary>Decides for each message whether it arrives; by default all do. A lost message fails the call.</summary>
    public Func<SimulatedAgent, SimulatedAgent, bool> Arrives { get; set; } = (_, _) => true;

    /// <summary>Decides for each exchange whether it comes about; by default all do. One that does not fails with its first call.</summary>
    public Func<SimulatedAgent, SimulatedAgent, bool> ComesAbout { get; set; } = (_, _) => true;

    /// <summary>Rounds played.</summary>
    public int Rounds { get; private set; }

    /// <summary>What travelled.</summary>
    public Traffic Traffic { get; }

    /// <summary>Exchanges started.</summary>
    public long Exchanges => Traffic.Exchanges;

    /// <summary>Events whose bodies were passed from agent to agent, counted at every arrival.</summary>
    public long PayloadCopies => Traffic.PayloadCopies;

    /// <summary>Those of them that went from node to node.</summary>
    public long NetworkCopies => Traffic.PayloadCopies - Traffic.LocalCopies;

    /// <summary>True when every agent has delivered the same events.</summary>
    public bool HasConverged => _agents.TrueForAll(agent => agent.Contents.Equals(_agents[0].Contents));

    /// <summary>The segment that starts with this event.</summary>
    public Segment BodyOf(EventId first) => _bodies[first];

    /// <summary>A readable picture of one agent's engine.</summary>
    public EngineStatus Status(SimulatedAgent agent) => agent.Engine.Status(Now);

    /// <summary>An agent writes an event; it is committed at once.</summary>
    public void Append(SimulatedAgent agent, EventDraft draft)
    {
        Step(agent, new GossipInput.Append(++_lastToken, [draft]));
        Commit(agent);
    }

    /// <summary>Plays one round.</summary>
    public void Round()
    {
        Rounds++;
        var messages = new Queue<Action>();
        foreach (var agent in _agents) Carry(agent, Step(agent, new GossipInput.Tick()), messages);
        while (messages.TryDequeue(out var message)) message();
        foreach (var agent in _agents) Commit(agent);
    }

    /// <summary>Plays rounds until all agents agree; false when <paramref name="roundsMax"/> were not enough.</summary>
    public bool RunUntilConverged(int roundsMax)
    {
        while (!HasConverged)
        {
            if (roundsMax-- <= 0) return false;
            Round();
        }

        return true;
    }

    // Two minutes apart: every interval, back-off and reservation of the round before is over.
    private EngineTime Now => new(TimeSpan.FromMinutes(2 * Rounds), Founding.At + TimeSpan.FromMinutes(2 * Rounds));

    private IReadOnlyList<GossipEffect> Step(SimulatedAgent agent, GossipInput input) => agent.Engine.Step(input, Now);

    private void Carry(SimulatedAgent from, IReadOnlyList<GossipEffect> effects, Queue<Action> messages)
    {
        foreach (var effect in effects)
        {
            if (effect is not GossipEffect.Call call) continue;
            var to = _byId[call.To];
            var message = call.Message ?? Materialise(call.Plan!);
            var bytes = Traffic.Call(from, to, message, SameNode(from, to));
            messages.Enqueue(() => Deliver(from, to, call.CallId, message, bytes, messages));
        }
    }

    private void Deliver(SimulatedAgent from, SimulatedAgent to, long callId, GossipMessage message, int bytes, Queue<Action> messages)
    {
        if ((message is GossipMessage.Syn && !ComesAbout(from, to)) || !Arrives(from, to))
        {
            messages.Enqueue(() => Carry(from, Step(from, new GossipInput.CallFailed(callId, "The message was lost.")), messages));
            return;
        }

        var local = SameNode(from, to);
        Traffic.Arrived(message, local);
        var effects = Step(to, new GossipInput.Called(callId, from.Id, local, message));
        Carry(to, effects, messages);
        var respond = effects.OfType<GossipEffect.Respond>().Single();
        var answer = respond.Message ?? Materialise(respond.Plan!);
        if (!local) Traffic.Answer(to, from, answer, message, bytes);
        messages.Enqueue(() =>
        {
            if (!Arrives(to, from))
            {
                Carry(from, Step(from, new GossipInput.CallFailed(callId, "The answer was lost.")), messages);
                return;
            }

            Traffic.Arrived(answer, local);
            Carry(from, Step(from, new GossipInput.Answered(callId, answer, local)), messages);
        });
    }

    private bool SameNode(SimulatedAgent one, SimulatedAgent other) => one.Number / _agentsPerNode == other.Number / _agentsPerNode;

    private GossipMessage.Push Materialise(PushPlan plan) =>
        plan.Fill([.. plan.Segments.Select(planned => new FrameSegment(_bodies[planned.Entry.Chain[planned.Entry.First]], planned.Hop))]);

    private void Commit(SimulatedAgent agent)
    {
        foreach (var effect in Step(agent, new GossipInput.FormBatch()))
        {
            switch (effect)
            {
                case GossipEffect.Commit commit:
                    Keep(agent, commit.Batch);
                    Step(agent, new GossipInput.Committed());
                    return;
                case GossipEffect.AppendRefused refused:
                    throw new InvalidOperationException($"Append of agent {agent.Number} was refused: {refused.Detail}");
            }
        }
    }

    private void Keep(SimulatedAgent agent, StoreBatch batch)
    {
        foreach (var stored in batch.Segments) _bodies.TryAdd(stored.Segment.Chain[stored.Segment.First], stored.Segment);
        foreach (var receipt in batch.Receipts) agent.Keep(receipt);
        foreach (var run in batch.Runs)
        {
            agent.Keep(run);
            for (var sequence = run.First; sequence <= run.Last; sequence++)
                if (_index.TryGetHash(run.Chain[sequence], out var hash)) agent.Contents.Add(hash.Prefix);
        }
    }
}
