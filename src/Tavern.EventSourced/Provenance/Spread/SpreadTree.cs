using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>The answer to <c>told EVENT</c>: who told whom, joined from the receipts of all who answered. An edge is drawn only
/// where the hearer's receipt names the teller; where a teller did not answer, its part of the tree stands on its own.</summary>
/// <param name="Event">The event.</param>
/// <param name="Written">When it was written, by the writer's clock; null when unknown.</param>
/// <param name="Nodes">Each agent once: the tree that starts at the writer first, depth first, siblings by time and agent; then parts
/// whose connection to the writer is not known, each from its root; then those without the event.</param>
/// <param name="Heard">How many have the event.</param>
public sealed record SpreadTree(EventId Event, DateTimeOffset? Written, ImmutableArray<SpreadNode> Nodes, Heard Heard)
{
    /// <summary>The nodes without those that say they do not have the event.</summary>
    public IEnumerable<SpreadNode> Reached => Nodes.Where(node =>
        node.State is not (SpreadState.Absent or SpreadState.Waiting or SpreadState.Refused));

    /// <summary>True when everybody answered, and all who have the event form one tree from the writer in which every hop equals the
    /// length of the path.</summary>
    public bool Complete => Heard.Unanswered.IsEmpty && Nodes.All(node => node.Flaw is null) &&
        Reached.Where(node => node.From is null).ToList() is [{ State: SpreadState.Wrote }];

    /// <summary>The edges, in the order of the nodes: who told whom.</summary>
    public IEnumerable<(AgentId From, AgentId To)> Edges => Nodes
        .Where(node => node.From is not null && node.Flaw is not (SpreadFlaw.SourceDenies or SpreadFlaw.Circle))
        .Select(node => (node.From!.Value, node.Agent));

    /// <summary>Joins what the agents answered about an event.</summary>
    /// <param name="id">The event.</param>
    /// <param name="reports">One per agent that was asked; of several for one agent the first counts.</param>
    public static SpreadTree Of(EventId id, IEnumerable<DeliveryReport> reports) => new SpreadJoin(id, reports).Tree();
}
