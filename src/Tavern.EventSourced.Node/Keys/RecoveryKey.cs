using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>The recovery key of a root agent, just made.</summary>
/// <param name="Key">The key; its public half goes into <c>TavernFounded</c>.</param>
/// <param name="File">Where its private half is now.</param>
public sealed record RecoveryKey(EcdsaSigner Key, string File)
{
    /// <summary>What its owner has to do.</summary>
    public string Advice =>
        $"Move {File} to a place that is offline and not on this machine. Only it can give the root agent a new key if the root's key is lost, " +
        "and whoever holds it can do that too. A node never needs it to run.";
}
