using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>told</c> answer as all doors return it.</summary>
/// <param name="Schema">Version of the shape: 1.</param>
/// <param name="Event">The event.</param>
/// <param name="Written">When it was written, by the writer's clock; absent when unknown.</param>
/// <param name="Complete">True when the whole path is known and consistent.</param>
/// <param name="Nodes">Each agent once, in the order of the tree; <c>from</c> and <c>flaw</c> as in <see cref="SpreadNode"/>.</param>
/// <param name="Heard">How many have it.</param>
/// <param name="Names">The name of every agent that occurs, by id.</param>
public sealed record SpreadDocument(
    int Schema,
    EventId Event,
    DateTimeOffset? Written,
    bool Complete,
    ImmutableArray<SpreadNode> Nodes,
    HeardDocument Heard,
    ImmutableSortedDictionary<string, string> Names)
{
    /// <summary>The document of an answer.</summary>
    public static SpreadDocument Of(SpreadTree tree, AgentNames names) => new(
        1, tree.Event, tree.Written, tree.Complete, tree.Nodes, HeardDocument.Of(tree.Heard, names), names.ById(tree.Nodes.Select(node => node.Agent)));
}
