using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>This node keeps no log of the agent: its own node must be asked.</summary>
public sealed class AgentNotHostedException(AgentId agent)
    : InvalidOperationException($"Agent {agent} is not hosted on this node. Ask the node that hosts it.")
{
    /// <summary>Who was meant.</summary>
    public AgentId Agent { get; } = agent;
}
