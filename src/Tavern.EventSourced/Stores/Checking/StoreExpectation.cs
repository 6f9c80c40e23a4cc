using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>What a store is expected to belong to; said by its folder, not by the store.</summary>
/// <param name="Tavern">The tavern's id.</param>
/// <param name="Hosted">The agents whose logs are here.</param>
/// <param name="Seeds">Agents to call first: receipts may name them before any event does.</param>
public sealed record StoreExpectation(Hash Tavern, ImmutableArray<AgentId> Hosted, ImmutableArray<AgentId> Seeds);
