using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation.Checks;
using Tavern.EventSourced.Simulation.Timed;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Simulation;

/// <summary>One agent of a simulation: the engine, and what its commits made durable.</summary>
public sealed class SimulatedAgent
{
    private readonly List<Run> _runs = [];
    private readonly List<Receipt> _receipts = [];

    internal SimulatedAgent(int number, IAgentSigner signer, LogContents contents)
    {
        (Number, Signer, Contents) = (number, signer, contents);
        Id = AgentId.FromPublicKey(signer.PublicKey.Span);
    }

    /// <summary>Place in the simulation, from 0.</summary>
    public int Number { get; }

    /// <summary>Its id.</summary>
    public AgentId Id { get; }

    /// <summary>Its log, as committed.</summary>
    public IReadOnlyList<Run> Log => _runs;

    /// <summary>Its receipts, as committed.</summary>
    public IReadOnlyList<Receipt> Receipts => _receipts;

    /// <summary>The node that hosts it; null in lock-step, where there are none.</summary>
    public SimulatedNode? Node { get; internal set; }

    /// <summary>True for one that signs two lines, or that lives on a disk which does: nothing is expected of its own log.</summary>
    public bool IsLiar { get; internal set; }

    /// <summary>True once it was retired, or its disk was lost for good: nobody waits for it.</summary>
    public bool IsGone { get; internal set; }

    /// <summary>Highest receipt number used, 0 for none.</summary>
    internal long LastReceipt { get; private set; }

    /// <summary>Its key.</summary>
    internal IAgentSigner Signer { get; }

    /// <summary>Its engine; set when it starts.</summary>
    internal GossipEngine Engine { get; set; } = null!;

    /// <summary>The records in its log, by hash.</summary>
    internal LogContents Contents { get; }

    /// <summary>The highest sequence in its log of each chain, on whichever branch.</summary>
    internal Dictionary<ChainId, long> Heads { get; } = [];

    /// <summary>True for one that signs without asking whether its log is complete, as no honest node does.</summary>
    internal bool IsUnguarded { get; init; }

    /// <summary>True once its disk was lost or rolled back: what nobody else had is gone, acknowledged or not.</summary>
    internal bool HasLostData { get; set; }

    /// <summary>What it wants written and may not write yet.</summary>
    internal Queue<GossipInput.Append> Held { get; } = [];

    /// <summary>When its engine wants to hear of the time, since that engine's start.</summary>
    internal TimeSpan? WakeAt { get; set; }

    /// <summary>Its engine took part in the commit under way.</summary>
    internal StoreBatch? Committing { get; set; }

    /// <summary>True for one that joined later and has to say in its log that it can be called.</summary>
    internal bool IsNewcomer { get; init; }

    /// <summary>True while it still has to.</summary>
    internal bool MustAnnounce { get; set; }

    /// <summary>Events in its log, in the order delivered.</summary>
    public ImmutableArray<EventId> Events() => [.. _runs.SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => run.Chain[run.First + i]))];

    /// <summary>It wants events written, together. Nothing happens when its node is down. Not in lock-step.</summary>
    public void Append(params ImmutableArray<EventDraft> drafts) => Node!.Append(this, drafts);

    /// <summary>Its name in traces.</summary>
    public override string ToString() => Node is { } node && node.Number != Number ? $"agent-{Number} on node {node.Number}" : $"agent-{Number}";

    /// <summary>A commit made this durable.</summary>
    internal void Keep(Run run)
    {
        _runs.Add(run);
        Heads[run.Chain.Main] = Math.Max(Heads.GetValueOrDefault(run.Chain.Main), run.Last);
    }

    /// <summary>A commit made this durable; one with a held number replaces it.</summary>
    internal void Keep(Receipt receipt)
    {
        var place = receipt.Number > LastReceipt ? -1 : _receipts.FindLastIndex(held => held.Number == receipt.Number);
        if (place >= 0) _receipts[place] = receipt;
        else _receipts.Add(receipt);
        LastReceipt = Math.Max(LastReceipt, receipt.Number);
    }

    /// <summary>Starts over: what a disk holds comes next.</summary>
    internal void Forget()
    {
        _runs.Clear();
        _receipts.Clear();
        Heads.Clear();
        LastReceipt = 0;
        Contents.Clear();
        WakeAt = null;
        Committing = null;
        Held.Clear();
    }
}
