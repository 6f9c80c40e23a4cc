using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What the engines of one node share, so that the node fetches nothing twice and does not call without end: all are given the
/// same one at construction, and all are driven by one owner on one clock. An engine that is given none has a node to itself.</summary>
public sealed class NodeShare
{
    private readonly SortedDictionary<AgentId, EngineState> _hosted = [];

    /// <summary>Makes one.</summary>
    /// <param name="roundsPerSecondMax">Rounds of all agents together; from 1.</param>
    public NodeShare(int roundsPerSecondMax = 400) => Turns = new RoundTurns(roundsPerSecondMax);

    /// <summary>When whose round may start.</summary>
    internal RoundTurns Turns { get; }

    /// <summary>One more agent is hosted here. One that is started anew takes its former place.</summary>
    internal void Join(EngineState agent) => _hosted[agent.Start.Agent] = agent;

    /// <summary>True when an agent is hosted here.</summary>
    internal bool Hosts(AgentId agent) => _hosted.ContainsKey(agent);

    /// <summary>Another agent of this node that has, or is about to have, more of a chain than one that could ask the network for it:
    /// it admitted more, or has asked for it. Null when there is none, or exchanges between the two are paused. What is only held back
    /// does not count: two agents that held back what the other waits for would wait for ever.</summary>
    internal NearerSource? SourceOf(EngineState asking, ChainId chain)
    {
        if (_hosted.Count == 1) return null;
        NearerSource? soon = null;
        foreach (var (id, other) in _hosted)
        {
            if (id == asking.Start.Agent || other.IsPaused || IsPaused(asking, id) || IsPaused(other, asking.Start.Agent)) continue;
            var branches = asking.Index.BranchesOf(chain);
            if (branches.Any(branch => other.Delivered[branch] > asking.Intake[branch])) return new NearerSource(id, Now: true);
            if (branches.Any(branch => other.Intake[branch] > asking.Intake[branch]) || other.Reservations.IsAskedOfNetwork(chain)) soon = new NearerSource(id, Now: false);
        }

        return soon;
    }

    private static bool IsPaused(EngineState agent, AgentId peer) => agent.Peers.TryGet(peer, out var known) && known.IsPaused;
}

/// <summary>An agent of the same node that is nearer than the network.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Now">True when it can be asked at once; false when it will have it soon.</param>
internal readonly record struct NearerSource(AgentId Agent, bool Now);
