using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>Many agents write at the same time, in lock-step rounds: all is delivered, and hardly a body is sent twice.</summary>
internal static class LoadScenario
{
    private const int Origins = 64;
    private const int EventsEach = 20;
    private const int RoundsMax = 100; // far above what it takes: what takes longer is stuck
    private const double CopiesMax = 1.01; // of one per agent and event

    /// <summary>Runs it: of the agents at most 64 write 20 events each, one per round.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var simulation = new LockStepSimulation(agents, seed, mutations);
        var origins = Math.Min(Origins, agents);
        for (var written = 0; written < EventsEach; written++)
        {
            for (var origin = 0; origin < origins; origin++)
                simulation.Append(simulation.Agents[origin * (agents / origins)], EventCatalogue.Draft(new StatusReported(AgentActivity.Working, $"step {written}")));
            simulation.Round();
        }

        var converged = simulation.RunUntilConverged(RoundsMax);
        var events = origins * EventsEach;
        var copies = (double)simulation.PayloadCopies / events;
        return new RunReport
        {
            Scenario = "load",
            Seed = seed,
            Agents = agents,
            Converged = converged,
            Events = events,
            RoundsMean = simulation.Rounds - EventsEach,
            RoundsMax = simulation.Rounds - EventsEach,
            PayloadCopiesPerEvent = copies,
            ExchangesPerEvent = (double)simulation.Exchanges / events,
            BytesPerEvent = (double)simulation.Traffic.Bytes / events,
            IdleBytesPerExchange = simulation.Traffic.IdleBytesMax,
            UnexplainedMissing = simulation.Agents.Count(agent => !agent.Contents.Equals(simulation.Agents[0].Contents)),
            Figures = ImmutableSortedDictionary<string, double>.Empty.Add("copiesPerAgentAndEvent", copies / (agents - 1)),
            Violations = copies <= CopiesMax * (agents - 1) ? [] : [$"Bodies were sent {copies:0.0} times per event; at most {CopiesMax * (agents - 1):0.0} are allowed."],
            Digest = RoundsScenario.DigestOf(simulation),
        };
    }
}
