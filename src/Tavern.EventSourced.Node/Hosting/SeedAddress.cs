using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An agent to call first, before any log says where anybody is.</summary>
/// <param name="Agent">Who answers there.</param>
/// <param name="Address">Its node's gossip listener.</param>
public sealed record SeedAddress(AgentId Agent, Uri Address);
