using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An idempotency key was used before for another request. Nothing was written.</summary>
public sealed class IdempotencyConflictException(AgentId agent, string key)
    : InvalidOperationException($"The idempotency key '{key}' of {agent} was used for another request. Use a new key for new content.")
{
    /// <summary>Whose request.</summary>
    public AgentId Agent { get; } = agent;

    /// <summary>The key.</summary>
    public string Key { get; } = key;
}
