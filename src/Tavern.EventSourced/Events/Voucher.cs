using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>What lets an agent write: the event that vouches for it. The first record of its chain names that event's hash, so
/// a chain has one parent for ever and is bound to its tavern.</summary>
/// <param name="Event">The <see cref="AgentSpawned"/>, or the <see cref="TavernFounded"/> of the root.</param>
/// <param name="Agent">Whom it vouches for.</param>
/// <param name="PublicKey">The key that the agent's heads must be signed with.</param>
public sealed record Voucher(EventId Event, AgentId Agent, ReadOnlyMemory<byte> PublicKey)
{
    /// <summary>The key with which the root gives itself a new one; null for every other agent.</summary>
    public ReadOnlyMemory<byte>? RecoveryKey { get; private init; }

    /// <summary>Reads the voucher out of a record; null when it is none. A spawn whose key is not the named agent's vouches for nobody.</summary>
    public static Voucher? From(EventRecord record)
    {
        if (record.Header.Type is not (nameof(AgentSpawned) or nameof(TavernFounded)) || !EventCatalogue.TryRead(record, out var body)) return null;
        return body switch
        {
            AgentSpawned spawned when AgentId.FromPublicKey(spawned.PublicKey) == spawned.Agent =>
                new Voucher(record.Id, spawned.Agent, spawned.PublicKey),
            TavernFounded founded when record.Header.Previous.IsZero && AgentId.FromPublicKey(founded.PublicKey) == record.Id.Agent =>
                new Voucher(record.Id, record.Id.Agent, founded.PublicKey) { RecoveryKey = founded.RecoveryKey },
            _ => null,
        };
    }
}
