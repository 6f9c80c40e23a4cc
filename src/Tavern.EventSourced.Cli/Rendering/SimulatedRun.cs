using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Simulation.Scenarios;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What one run of a scenario showed. Nothing in it depends on the machine, except memory, which is there on request only.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Seed">What the run was made from.</param>
/// <param name="Agents">Number of agents at the start.</param>
/// <param name="Held">True when everything held that the scenario promises.</param>
/// <param name="Converged">True when in the end all agents had delivered the same events.</param>
/// <param name="Events">Events written while it ran.</param>
/// <param name="RoundsMean">Mean rounds until all had an event: rounds played in lock-step, else seconds of virtual time.</param>
/// <param name="RoundsMax">The most rounds that an event took.</param>
/// <param name="PayloadCopiesPerEvent">Arrivals of bodies per event; one less than the number of agents is perfect.</param>
/// <param name="ExchangesPerEvent">Exchanges started per event.</param>
/// <param name="BytesPerEvent">Bytes of messages per event.</param>
/// <param name="IdleBytesPerExchange">Bytes of the largest exchange between two agents that had the same.</param>
/// <param name="UnexplainedMissing">Events that an agent lacks in the end without a reason.</param>
/// <param name="Missing">Events that agents lacked before all was healed, by why.</param>
/// <param name="Figures">Further figures of this scenario.</param>
/// <param name="Violations">What did not hold.</param>
/// <param name="Trace">The last steps before it; empty when all held.</param>
/// <param name="Digest">SHA-256 over all logs.</param>
/// <param name="MemoryBytesPerAgent">The most memory that the process had so far, divided by agents; null unless asked for.</param>
internal sealed record SimulatedRun(
    string Scenario,
    ulong Seed,
    int Agents,
    bool Held,
    bool Converged,
    long Events,
    double RoundsMean,
    double RoundsMax,
    double PayloadCopiesPerEvent,
    double ExchangesPerEvent,
    double BytesPerEvent,
    int IdleBytesPerExchange,
    int UnexplainedMissing,
    ImmutableSortedDictionary<string, int> Missing,
    ImmutableSortedDictionary<string, double> Figures,
    ImmutableArray<string> Violations,
    ImmutableArray<string> Trace,
    string Digest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? MemoryBytesPerAgent) : Answer
{
    /// <summary>Takes over a report.</summary>
    public static SimulatedRun Of(RunReport report, long? memory) => new(
        report.Scenario, report.Seed, report.Agents, report.Held, report.Converged, report.Events, Round(report.RoundsMean), Round(report.RoundsMax),
        Round(report.PayloadCopiesPerEvent), Round(report.ExchangesPerEvent), Round(report.BytesPerEvent), report.IdleBytesPerExchange,
        report.UnexplainedMissing, report.Missing, report.Figures.ToImmutableSortedDictionary(pair => pair.Key, pair => Round(pair.Value), StringComparer.Ordinal),
        report.Violations, report.Trace, report.Digest, memory / report.Agents);

    private static double Round(double value) => Math.Round(value, 4);
}
