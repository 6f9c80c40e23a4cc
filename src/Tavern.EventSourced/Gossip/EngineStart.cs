using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Gossip;

/// <summary>What an engine is told once, when it starts.</summary>
/// <param name="Tavern">The tavern's id: the hash of the only record that needs nobody to vouch for it.</param>
/// <param name="Agent">The agent it speaks for.</param>
/// <param name="Epoch">The newest of the agent's epochs that its log or its lease names; 1 for a newcomer.</param>
/// <param name="Runs">The agent's log as committed: all of it, by position. Empty for a newcomer.</param>
/// <param name="LastReceipt">Highest receipt number used, 0 for none.</param>
/// <param name="Seeds">Agents that may be called, and are heard, before the log says who they are. May be empty.</param>
/// <param name="Incarnation">Of this start (<see cref="Gossip.Incarnation"/>): its lower 32 bits differ from every earlier one's.</param>
/// <param name="Seed">Of the engine's random choices.</param>
public sealed record EngineStart(
    Hash Tavern,
    AgentId Agent,
    int Epoch,
    IReadOnlyList<Run> Runs,
    long LastReceipt,
    ImmutableArray<AgentId> Seeds,
    ulong Incarnation,
    ulong Seed)
{
    /// <summary>What is switched off to see that tests notice; nothing by default.</summary>
    internal EngineMutations Mutations { get; init; } = EngineMutations.None;

    /// <summary>What guards the first append; null when the agent cannot have lost anything, as in most simulations. Without a guard no
    /// leases are asked for. Default: null.</summary>
    public GuardStart? Guard { get; init; }
}
