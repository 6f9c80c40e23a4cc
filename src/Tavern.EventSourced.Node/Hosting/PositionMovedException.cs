using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>A subscription does not stand where the append expected it: somebody handled the cause before. Nothing was written.</summary>
public sealed class PositionMovedException(AgentId agent, string subscription, long position, string detail)
    : InvalidOperationException($"The subscription '{subscription}' of {agent} stands at {position}: {detail} Nothing was written; read on from there.")
{
    /// <summary>Whose subscription.</summary>
    public AgentId Agent { get; } = agent;

    /// <summary>Its name.</summary>
    public string Subscription { get; } = subscription;

    /// <summary>Where it stands, as committed.</summary>
    public long Position { get; } = position;
}
