using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What gives an agent a new key: an <see cref="AgentRekeyed"/>. Whether its writer may do that is for <see cref="ChainOrigins"/>
/// to decide, by what it names.</summary>
/// <param name="Event">The <see cref="AgentRekeyed"/>.</param>
/// <param name="Agent">Whom it gives a key.</param>
/// <param name="LastKnown">An event the agent signed with its old key: it shows who spawned it.</param>
/// <param name="LastHash">That event's hash.</param>
/// <param name="PublicKey">The new key.</param>
public sealed record Rekey(EventId Event, AgentId Agent, EventId LastKnown, Hash LastHash, ReadOnlyMemory<byte> PublicKey)
{
    /// <summary>True when the agent gives itself the key, with the first record of a later epoch: only the root may, with its recovery key.</summary>
    public bool IsRecovery => Event is { Sequence: 1, Epoch: > 1 } && Event.Agent == Agent;

    /// <summary>The newest epoch of the agent that whoever gave the key knew of: of two keys, the one given after more counts.</summary>
    public int After => IsRecovery ? Event.Epoch : LastKnown.Epoch;

    /// <summary>Reads it out of a record; null when it is none, or names no event of the agent's.</summary>
    public static Rekey? From(EventRecord record) =>
        record.Header.Type == nameof(AgentRekeyed) && EventCatalogue.TryRead(record, out var body)
        && body is AgentRekeyed { LastEpoch: >= 1, LastSequence: >= 1 } rekeyed
            ? new Rekey(record.Id, rekeyed.Agent, new EventId(rekeyed.Agent, rekeyed.LastEpoch, rekeyed.LastSequence), rekeyed.LastHash, rekeyed.PublicKey)
            : null;
}
