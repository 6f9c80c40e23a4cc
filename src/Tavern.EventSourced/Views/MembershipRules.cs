using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What makes the events of membership count, as far as the record alone decides.</summary>
internal static class MembershipRules
{
    /// <summary>True for the record that founds a tavern: the first of its chain, with no record before it, by the key's holder.</summary>
    public static bool IsFounding(EventRecord record, TavernFounded founded) =>
        record.Id is { Epoch: 1, Sequence: 1 } && record.Header.Previous.IsZero && AgentId.FromPublicKey(founded.PublicKey) == record.Id.Agent;

    /// <summary>True when the spawned id is the one that belongs to the key.</summary>
    public static bool HasItsKey(AgentSpawned spawned) => AgentId.FromPublicKey(spawned.PublicKey) == spawned.Agent;

    /// <summary>True for the first record of an epoch that follows the one it names.</summary>
    public static bool IsFirstOfEpoch(EventRecord record, EpochStarted started) =>
        record.Id.Sequence == 1 && record.Id.Epoch > 1 && started.PreviousEpoch == record.Id.Epoch - 1 && started.LastSequence >= 0;

    /// <summary>True when both headers decode to the named place and are not the same record.</summary>
    public static bool IsFork(ForkDetected fork)
    {
        var place = new EventId(fork.Agent, fork.Epoch, fork.Sequence);
        return Reads(fork.HeaderA) && Reads(fork.HeaderB) && Hash.Of(fork.HeaderA) != Hash.Of(fork.HeaderB);

        bool Reads(byte[] header)
        {
            try
            {
                return EventHeader.Decode(header).Id == place;
            }
            catch (MalformedRecordException)
            {
                return false; // no proof of anything
            }
        }
    }
}
