using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Simulation.Timed;

namespace Tavern.EventSourced.Simulation.Scenarios;

/// <summary>All agree and nobody writes: what does it cost to stay sure of that?</summary>
internal static class IdleScenario
{
    private const int IdleBytesMax = 128; // per exchange, whatever the number of agents

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    public static RunReport Play(ulong seed, int agents, EngineMutations mutations)
    {
        var run = new TimedRun("idle", new TimedOptions { Agents = agents, Mutations = mutations, Seed = seed });
        run.Write(run.Anyone());
        run.Converge(Settling);
        run.Simulation.Run(Settling);
        var traffic = run.Simulation.Traffic;
        var (exchanges, idle, copies, bytes) = (traffic.Exchanges, traffic.IdleExchanges, traffic.PayloadCopies, traffic.Bytes);
        run.Simulation.Run(Watched);
        var watched = traffic.Exchanges - exchanges;
        run.Require(traffic.PayloadCopies == copies, "Bodies were sent although all agreed.");
        run.Require(watched > 0, "Nobody asked anybody whether they agree.");
        run.Require(traffic.IdleExchanges - idle >= watched - agents, $"Of {watched} exchanges only {traffic.IdleExchanges - idle} found that both agree.");
        run.Figure("exchangesPerAgentAndSecond", watched / Watched.TotalSeconds / agents);
        run.Figure("bytesPerAgentAndSecond", (traffic.Bytes - bytes) / Watched.TotalSeconds / agents);
        var violations = ImmutableArray.CreateBuilder<string>();
        CheckBytes(traffic.IdleBytesMax, violations);
        foreach (var violation in violations) run.Require(false, violation);
        return run.Report();
    }

    /// <summary>An exchange that finds nothing to do is small.</summary>
    public static void CheckBytes(int idleBytesMax, ImmutableArray<string>.Builder violations)
    {
        if (idleBytesMax > IdleBytesMax) violations.Add($"An exchange between agents that agree took {idleBytesMax} bytes; at most {IdleBytesMax} are allowed.");
    }
}
