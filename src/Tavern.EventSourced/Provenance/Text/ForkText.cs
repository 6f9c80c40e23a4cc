using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Forks in words.</summary>
internal static class ForkText
{
    /// <summary>"gandalf's chain has forked at gandalf:5"</summary>
    public static string Place(AgentId subject, ForkAccount fork, AgentNames names) =>
        $"{names.Of(subject)}'s chain has forked at {names.Of(new EventId(subject, fork.Epoch, fork.LastShared + 1))}";

    /// <summary>The fork and its proof, in one line.</summary>
    public static string Sentence(AgentId subject, ForkAccount fork, AgentNames names)
    {
        var place = Place(subject, fork, names);
        var proof = fork.Proof is { } shown ? $"as {names.Of(shown)} proves" : "which nobody has shown a proof of yet";
        return $"{char.ToUpperInvariant(place[0])}{place[1..]}, {proof}: {fork.Quarantined} event{(fork.Quarantined == 1 ? "" : "s")} from there on {(fork.Quarantined == 1 ? "is" : "are")} quarantined.";
    }
}
