using System.Collections.Immutable;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>What one run of a scenario showed. The same seed gives the same report, on every machine.</summary>
public sealed record RunReport
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>What the run was made from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of agents at the start.</summary>
    public required int Agents { get; init; }

    /// <summary>True when everything held that the scenario promises.</summary>
    public bool Held => Violations.IsEmpty && Converged && UnexplainedMissing == 0;

    /// <summary>True when in the end all agents that were waited for had delivered the same events.</summary>
    public required bool Converged { get; init; }

    /// <summary>Events written while it ran.</summary>
    public required long Events { get; init; }

    /// <summary>Mean rounds until all had an event: in lock-step rounds played, else seconds of virtual time, since a round is due every second.</summary>
    public double RoundsMean { get; init; }

    /// <summary>The most rounds that an event took.</summary>
    public double RoundsMax { get; init; }

    /// <summary>Arrivals of bodies per event; one less than the number of agents is perfect.</summary>
    public double PayloadCopiesPerEvent { get; init; }

    /// <summary>Exchanges started per event.</summary>
    public double ExchangesPerEvent { get; init; }

    /// <summary>Bytes of messages per event, with all that else was said meanwhile.</summary>
    public double BytesPerEvent { get; init; }

    /// <summary>Bytes of the largest exchange between two agents that had the same: call and answer.</summary>
    public int IdleBytesPerExchange { get; init; }

    /// <summary>Events that an agent lacks in the end without a reason.</summary>
    public int UnexplainedMissing { get; init; }

    /// <summary>Events that agents lacked before everything was healed, counted once per agent and event, by why it was not there.</summary>
    public ImmutableSortedDictionary<string, int> Missing { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>Further figures of this scenario, by name.</summary>
    public ImmutableSortedDictionary<string, double> Figures { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What did not hold, in plain words.</summary>
    public ImmutableArray<string> Violations { get; init; } = [];

    /// <summary>The last steps before the first thing that did not hold; empty when all held.</summary>
    public ImmutableArray<string> Trace { get; init; } = [];

    /// <summary>SHA-256 over all logs, in hexadecimal: equal for equal runs.</summary>
    public required string Digest { get; init; }
}
