using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What the first record of a chain builds on: the event that its previous hash names.</summary>
/// <param name="Needs">Events that the first record depends on besides those it says: the one its previous hash names, and for a new key
/// also the event under the old key that shows whose agent it is. Empty for the record that founds a tavern.</param>
/// <param name="Spawn">The spawn that the agent accepted with its first record of all, or the founding: one parent for ever.</param>
/// <param name="PublicKey">The key that the chain's heads must be signed with.</param>
public sealed record ChainOrigin(ImmutableArray<EventId> Needs, EventId Spawn, ReadOnlyMemory<byte> PublicKey);

/// <summary>What can be said of the origin of a chain whose first record is at hand.</summary>
public abstract record OriginFinding
{
    private OriginFinding()
    {
    }

    /// <summary>It is known, and allows the chain.</summary>
    public sealed record Found(ChainOrigin Origin) : OriginFinding;

    /// <summary>An event that it builds on is not held: the one with this hash. Its place is known when a record says it.</summary>
    public sealed record Missing(EventId? Event, Hash Hash) : OriginFinding;

    /// <summary>It is known, and does not allow the chain.</summary>
    public sealed record Refused(string Reason) : OriginFinding;
}
