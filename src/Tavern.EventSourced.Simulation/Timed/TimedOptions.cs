using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>What a simulation in virtual time starts with.</summary>
public sealed record TimedOptions
{
    /// <summary>Number of agents, at least 1. Default 3.</summary>
    public int Agents { get; init; } = 3;

    /// <summary>Agents per node. Default 1.</summary>
    public int AgentsPerNode { get; init; } = 1;

    /// <summary>Decides everything that is left to chance. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Settings of all engines. Default the protocol's.</summary>
    public GossipOptions Gossip { get; init; } = new();

    /// <summary>After this a call that was not answered has failed. Default 5 s, as nodes have it.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Makes the key of an agent from a random number. Default <see cref="KeyedHashSigner"/>.</summary>
    public Func<ulong, IAgentSigner> MakeSigner { get; init; } = seed => new KeyedHashSigner(seed);

    /// <summary>Checks what these keys sign. Default <see cref="KeyedHashVerifier"/>.</summary>
    public ISignatureVerifier Verifier { get; init; } = new KeyedHashVerifier();

    /// <summary>What is switched off in all engines to see that tests notice; nothing by default.</summary>
    internal EngineMutations Mutations { get; init; } = EngineMutations.None;

    /// <summary>True to encode every message, and decode it again on arrival. Default false: it is encoded for its size only.</summary>
    public bool ThroughTheWire { get; init; }
}
