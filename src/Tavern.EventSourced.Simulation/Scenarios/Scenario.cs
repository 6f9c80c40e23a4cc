using System.Collections.Immutable;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>A kind of day that a tavern must survive.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Description">What happens and what must hold, in one sentence.</param>
/// <param name="Sizes">Numbers of agents that it is meant for, smallest first; the first is the default.</param>
/// <param name="Play">Runs it with a seed and a number of agents.</param>
public sealed record Scenario(string Name, string Description, ImmutableArray<int> Sizes, Func<ulong, int, RunReport> Play)
{
    /// <summary>Fewest agents it can run with. Default 2.</summary>
    public int AgentsMin { get; init; } = 2;

    /// <summary>Most agents it can run with within the memory of a usual machine. Default 1024.</summary>
    public int AgentsMax { get; init; } = 1024;

    /// <summary>Runs it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of agents is not one it can run with.</exception>
    public RunReport Run(ulong seed, int? agents = null)
    {
        var count = agents ?? Sizes[0];
        if (count < AgentsMin || count > AgentsMax)
            throw new ArgumentOutOfRangeException(nameof(agents), count, $"Scenario {Name} runs with {AgentsMin} to {AgentsMax} agents.");
        return Play(seed, count);
    }
}
