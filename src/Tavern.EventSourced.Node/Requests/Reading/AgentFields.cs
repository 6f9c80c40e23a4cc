using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>The fields that views hold about agents.</summary>
internal static class AgentFields
{
    /// <summary>Their names, as they are shown.</summary>
    public static IReadOnlyList<string> Names { get; } = ["name", "state", "note", "task", "commitments", "endpoint", "epoch", "retired"];

    /// <summary>All that is held about an agent.</summary>
    public static IReadOnlyList<Belief> Of(Witness witness, AgentId agent) =>
        [.. Names.Select(field => witness.Believe(agent, field)).OfType<Belief>()];
}
