using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>A kind of day that a tavern must survive.</summary>
public sealed class Scenario
{
    private readonly Func<ulong, int, EngineMutations, RunReport> _play;

    internal Scenario(string name, string description, ImmutableArray<int> sizes, Func<ulong, int, EngineMutations, RunReport> play) =>
        (Name, Description, Sizes, _play) = (name, description, sizes, play);

    /// <summary>What it is called on the command line.</summary>
    public string Name { get; }

    /// <summary>What happens and what must hold, in one sentence.</summary>
    public string Description { get; }

    /// <summary>Numbers of agents that it is meant for, smallest first; the first is the default.</summary>
    public ImmutableArray<int> Sizes { get; }

    /// <summary>Fewest agents it can run with. Default 2.</summary>
    public int AgentsMin { get; init; } = 2;

    /// <summary>Most agents it can run with within the memory of a usual machine. Default 1024.</summary>
    public int AgentsMax { get; init; } = 1024;

    /// <summary>Runs it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of agents is not one it can run with.</exception>
    public RunReport Run(ulong seed, int? agents = null) => Run(seed, agents, EngineMutations.None);

    /// <summary>Runs it with parts of the protocol switched off.</summary>
    internal RunReport Run(ulong seed, int? agents, EngineMutations mutations)
    {
        var count = agents ?? Sizes[0];
        if (count < AgentsMin || count > AgentsMax)
            throw new ArgumentOutOfRangeException(nameof(agents), count, $"Scenario {Name} runs with {AgentsMin} to {AgentsMax} agents.");
        return _play(seed, count, mutations);
    }
}
