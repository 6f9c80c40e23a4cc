using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Some engines on nodes of their own in virtual time, with calls that are answered at once or fail at once. One seed is one run.</summary>
internal sealed class Neighbourhood
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly ulong _seed;
    private readonly KeyedHashSigner[] _signers;
    private readonly ImmutableArray<Segment> _membership;
    private readonly LoneEngine?[] _engines;

    /// <summary>Agents that all know each other.</summary>
    public Neighbourhood(int agents, ulong seed)
    {
        _seed = seed;
        _signers = [.. Enumerable.Range(1, agents).Select(number => new KeyedHashSigner((ulong)number))];
        _membership = LoneEngine.Found(_signers[0], _signers[1..]);
        _engines = new LoneEngine?[agents];
        for (var agent = 0; agent < agents; agent++) Start(agent, DateTimeOffset.UnixEpoch);
    }

    /// <summary>Whether a call gets through and its answer back; by default all do.</summary>
    public Func<int, int, bool> Reaches { get; set; } = (_, _) => true;

    /// <summary>Every message that arrived, by sender and addressee.</summary>
    public List<(int From, int To, GossipMessage Message)> Messages { get; } = [];

    public TimeSpan Elapsed { get; private set; } = TimeSpan.FromSeconds(1);

    public AgentId IdOf(int agent) => _signers[agent].Agent;

    public LoneEngine this[int agent] => _engines[agent] ?? throw new InvalidOperationException($"Agent {agent} is stopped.");

    /// <summary>What one agent thinks of another.</summary>
    public PeerStatus Opinion(int of, int about) => this[of].Status.Peers.Single(peer => peer.Peer == IdOf(about));

    /// <summary>Agents that run, other than this one.</summary>
    public IEnumerable<int> OthersThan(int agent) => Enumerable.Range(0, _engines.Length).Where(other => other != agent && _engines[other] is not null);

    public void Stop(int agent) => _engines[agent] = null;

    /// <summary>Starts an agent, with what the founder wrote and with this clock.</summary>
    public void Start(int agent, DateTimeOffset wall) => _engines[agent] = new LoneEngine(
        _membership, _signers[agent], [.. _signers.Where((_, other) => other != agent).Select(signer => signer.Agent)],
        seed: _seed * 1000 + (ulong)agent, incarnation: Incarnation.AtStart(wall, new SplitMix64(_seed + (ulong)agent + (ulong)Elapsed.Ticks).Next()));

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan time)
    {
        for (var end = Elapsed + time; Elapsed < end; Elapsed += Step)
        {
            for (var agent = 0; agent < _engines.Length; agent++)
            {
                if (_engines[agent] is not { } engine) continue;
                engine.Elapsed = Elapsed;
                Perform(agent, engine.Step(new GossipInput.Tick()));
                engine.Commit();
            }
        }
    }

    /// <summary>Lets time pass until something is so; false when it takes longer.</summary>
    public bool RunUntil(Func<bool> isSo, TimeSpan most)
    {
        for (var end = Elapsed + most; Elapsed < end;)
        {
            if (isSo()) return true;
            Run(Step);
        }

        return isSo();
    }

    private void Perform(int from, IReadOnlyList<GossipEffect> effects)
    {
        foreach (var call in effects.OfType<GossipEffect.Call>())
        {
            var to = Array.FindIndex(_signers, signer => signer.Agent == call.To);
            if (_engines[to] is not { } callee || !Reaches(from, to))
            {
                Perform(from, this[from].Step(new GossipInput.CallFailed(call.CallId, "no answer")));
                continue;
            }

            callee.Elapsed = Elapsed;
            var message = this[from].Materialise(call.Message, call.Plan);
            Messages.Add((from, to, message));
            var answered = callee.Step(new GossipInput.Called(call.CallId, IdOf(from), false, message));
            var respond = answered.OfType<GossipEffect.Respond>().Single();
            var answer = callee.Materialise(respond.Message, respond.Plan);
            Messages.Add((to, from, answer));
            Perform(from, this[from].Step(new GossipInput.Answered(call.CallId, answer)));
            Perform(to, answered);
        }
    }
}
