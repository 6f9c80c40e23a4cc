using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation;

/// <summary>One agent of a simulation: the engine, and what its commits made durable.</summary>
public sealed class SimulatedAgent
{
    private readonly List<Run> _runs = [];
    private readonly List<Receipt> _receipts = [];
    private StoreBatch? _committing;

    internal SimulatedAgent(int number, KeyedHashSigner signer) => (Number, Signer) = (number, signer);

    /// <summary>Place in the simulation, from 0.</summary>
    public int Number { get; }

    /// <summary>Its id.</summary>
    public AgentId Id => Signer.Agent;

    /// <summary>Its log, as committed.</summary>
    public IReadOnlyList<Run> Log => _runs;

    /// <summary>Its receipts, as committed.</summary>
    public IReadOnlyList<Receipt> Receipts => _receipts;

    /// <summary>Its key.</summary>
    internal KeyedHashSigner Signer { get; }

    /// <summary>Its engine; set when the simulation starts.</summary>
    internal GossipEngine Engine { get; set; } = null!;

    /// <summary>What a start finds: the log so far.</summary>
    internal void Seed(Run run) => _runs.Add(run);

    /// <summary>A commit begins; nothing of it is durable yet.</summary>
    internal void Begin(StoreBatch batch) => _committing = batch;

    /// <summary>The commit survived. False when none was under way.</summary>
    internal bool Commit()
    {
        if (_committing is not { } batch) return false;
        _runs.AddRange(batch.Runs);
        _receipts.AddRange(batch.Receipts);
        _committing = null;
        return true;
    }

    /// <summary>Events in its log, in the order delivered.</summary>
    public ImmutableArray<EventId> Events() => [.. _runs.SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => run.Chain[run.First + i]))];
}
