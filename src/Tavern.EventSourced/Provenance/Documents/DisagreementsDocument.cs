using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>disagreements</c> answer as all doors return it.</summary>
/// <param name="Schema">Version of the shape: 1.</param>
/// <param name="Field">Field name.</param>
/// <param name="At">The time of the answer.</param>
/// <param name="Agents">How many were asked.</param>
/// <param name="EveryoneAgrees">True when everybody answered and nobody differs.</param>
/// <param name="Silent">Who did not answer.</param>
/// <param name="Differences">Worst first.</param>
/// <param name="Names">The name of every silent agent, by id; differences carry their own.</param>
public sealed record DisagreementsDocument(
    int Schema,
    string Field,
    DateTimeOffset At,
    int Agents,
    bool EveryoneAgrees,
    ImmutableArray<AgentId> Silent,
    ImmutableArray<WhyDocument> Differences,
    ImmutableSortedDictionary<string, string> Names)
{
    /// <summary>The document of an answer.</summary>
    public static DisagreementsDocument Of(Disagreements all, AgentNames names) => new(
        1, all.Field, all.At, all.Agents, all.EveryoneAgrees, all.Silent, [.. all.Differences.Select(answer => WhyDocument.Of(answer, names))], names.ById(all.Silent));
}
