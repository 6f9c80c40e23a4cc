using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Wire;

/// <summary>What the bytes of a call turned out to be.</summary>
public abstract record DecodedCall
{
    private DecodedCall()
    {
    }

    /// <summary>A call in a version spoken here.</summary>
    /// <param name="Envelope">The call.</param>
    public sealed record Readable(GossipEnvelope Envelope) : DecodedCall;

    /// <summary>The caller speaks no version that is spoken here; nothing else of the call was read.</summary>
    /// <param name="Min">Lowest version the caller speaks.</param>
    /// <param name="Max">Highest version the caller speaks.</param>
    public sealed record OtherVersion(long Min, long Max) : DecodedCall
    {
        /// <summary>The reply it gets.</summary>
        public GossipMessage.Refused Refusal => new(
            RefusalReason.Version,
            $"The call speaks versions {Min} to {Max}; spoken here: {GossipEnvelope.VersionMin} to {GossipEnvelope.VersionMax}.");
    }
}
