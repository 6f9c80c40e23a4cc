using System.Collections.Immutable;
using System.Globalization;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation.Checks;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>One event, lock-step rounds, fan-out 2: how many rounds it takes to everybody, and how often its body is sent. With messages
/// lost, how many rounds more.</summary>
internal static class RoundsScenario
{
    private const int RoundsMax = 60; // far above every limit: what takes longer is stuck
    private const int IdleRounds = 3;

    /// <summary>The most rounds allowed without loss, by number of agents.</summary>
    private static readonly (int Agents, int Rounds)[] Limits = [(2, 1), (16, 4), (128, 6), (1024, 7), (10_240, 9)];

    /// <summary>No message is lost.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var simulation = new LockStepSimulation(agents, seed, mutations);
        var violations = ImmutableArray.CreateBuilder<string>();
        var converged = Spread(simulation);
        var (rounds, exchanges, bytes) = (simulation.Rounds, simulation.Exchanges, simulation.Traffic.Bytes);
        for (var round = 0; round < IdleRounds; round++) simulation.Round();

        var limit = Limits.First(row => row.Agents >= agents).Rounds;
        if (rounds > limit) violations.Add(string.Create(CultureInfo.InvariantCulture, $"The event took {rounds} rounds to all of {agents} agents; at most {limit} are allowed."));
        if (simulation.PayloadCopies != agents - 1) violations.Add($"Its body was sent {simulation.PayloadCopies} times to {agents - 1} agents.");
        IdleScenario.CheckBytes(simulation.Traffic.IdleBytesMax, violations);
        return new RunReport
        {
            Scenario = "rounds",
            Seed = seed,
            Agents = agents,
            Converged = converged,
            Events = 1,
            RoundsMean = rounds,
            RoundsMax = rounds,
            PayloadCopiesPerEvent = simulation.PayloadCopies,
            ExchangesPerEvent = exchanges,
            BytesPerEvent = bytes,
            IdleBytesPerExchange = simulation.Traffic.IdleBytesMax,
            UnexplainedMissing = simulation.Agents.Count(agent => !agent.Contents.Equals(simulation.Agents[agents / 2].Contents)),
            Figures = ImmutableSortedDictionary<string, double>.Empty.Add("bytesPerAgent", (double)bytes / agents),
            Violations = violations.ToImmutable(),
            Digest = DigestOf(simulation),
        };
    }

    /// <summary>Rounds until all have an event while this many exchanges in 1000 are lost; null when that never was so.</summary>
    public static int? RoundsWithLoss(ulong seed, int agents, int lossPerMille)
    {
        var random = new SplitMix64(~seed);
        var simulation = new LockStepSimulation(agents, seed) { ComesAbout = (_, _) => random.Below(1000) >= lossPerMille };
        return Spread(simulation) ? simulation.Rounds : null;
    }

    /// <summary>SHA-256 over all logs.</summary>
    public static string DigestOf(LockStepSimulation simulation) => RunDigest.Of(simulation.Agents, _ => simulation.Index);

    private static bool Spread(LockStepSimulation simulation)
    {
        simulation.Append(simulation.Agents[simulation.Agents.Count / 2], EventCatalogue.Draft(new StatusReported(AgentActivity.Done)));
        return simulation.RunUntilConverged(RoundsMax);
    }
}
