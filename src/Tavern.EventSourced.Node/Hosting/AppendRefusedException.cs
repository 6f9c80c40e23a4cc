using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An append was refused; nothing of it was written.</summary>
public sealed class AppendRefusedException(AgentId agent, AppendRefusal reason, string detail)
    : InvalidOperationException($"The append to the log of {agent} was refused: {detail}")
{
    /// <summary>Whose log.</summary>
    public AgentId Agent { get; } = agent;

    /// <summary>Why.</summary>
    public AppendRefusal Reason { get; } = reason;
}
