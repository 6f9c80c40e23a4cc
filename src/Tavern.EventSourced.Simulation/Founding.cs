using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Simulation;

/// <summary>The membership that every agent of a simulated tavern starts with: the root, number 0, founded it and spawned all others.</summary>
internal sealed class Founding
{
    /// <summary>Wall clock time at which simulations begin.</summary>
    public static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Founds a tavern.</summary>
    /// <param name="signers">The agents' keys, by number; at least one.</param>
    public Founding(ImmutableArray<IAgentSigner> signers)
    {
        var key = signers[0].PublicKey.ToArray();
        Ids = [.. signers.Select(signer => AgentId.FromPublicKey(signer.PublicKey.Span))];
        Everyone = [.. Ids.Order()];
        Segments = TavernFounder.Write(
            signers[0],
            [
                EventCatalogue.Draft(new TavernFounded("simulation", "agent-0", key, key)),
                .. signers.Skip(1).Select((signer, i) => Spawn(Ids[i + 1], i + 1, signer)),
            ],
            At);
    }

    /// <summary>The agents, by number.</summary>
    public ImmutableArray<AgentId> Ids { get; }

    /// <summary>The root's first segments.</summary>
    public ImmutableArray<Segment> Segments { get; }

    /// <summary>The tavern's id.</summary>
    public Hash Tavern => Segments[0].Records[0].Hash;

    /// <summary>Number of events.</summary>
    public long Events => Segments[^1].Last;

    /// <summary>The log that an agent starts with.</summary>
    public Run RunOf(AgentId holder) => new(holder, 1, Segments[0].Chain, 1, Events, holder == Ids[0] ? 0 : 1, 0);

    /// <summary>All agents, sorted: whom an agent knows when it starts. One array for all.</summary>
    public ImmutableArray<AgentId> Everyone { get; }

    /// <summary>The event by which the root spawns an agent.</summary>
    public static EventDraft Spawn(AgentId agent, int number, IAgentSigner signer) =>
        EventCatalogue.Draft(new AgentSpawned(agent, $"agent-{number}", signer.PublicKey.ToArray()));
}
