using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>What a node keeps beside its keys, apart from the log: per agent the lease of numbers, and in which file its log was. It survives what
/// happens to the log, unless it is lost or put back as well.</summary>
public sealed class SimulatedKeys
{
    private readonly Dictionary<AgentId, SimulatedLease> _leases = [];

    /// <summary>True once the node has started: before that its agents cannot have written anything.</summary>
    internal bool HaveBeenUsed { get; set; }

    /// <summary>The leases are gone; the keys are not.</summary>
    public void LoseLeases() => _leases.Clear();

    /// <summary>A copy.</summary>
    public SimulatedKeys Clone()
    {
        var copy = new SimulatedKeys { HaveBeenUsed = HaveBeenUsed };
        foreach (var (agent, lease) in _leases) copy._leases.Add(agent, lease);
        return copy;
    }

    /// <summary>An agent's lease; null when it never had one.</summary>
    internal SimulatedLease? LeaseOf(AgentId agent) => _leases.GetValueOrDefault(agent);

    /// <summary>The lease survives from here on.</summary>
    internal void Write(AgentId agent, SimulatedLease lease) => _leases[agent] = lease;
}

/// <summary>An agent's lease.</summary>
/// <param name="Epoch">Of which epoch.</param>
/// <param name="Used">At least so many numbers were used.</param>
/// <param name="File">The file that the log was in (<see cref="SimulatedDisk.File"/>).</param>
internal sealed record SimulatedLease(int Epoch, long Used, int File);
