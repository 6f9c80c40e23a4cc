using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>How something reached an agent.</summary>
public enum DeliveryMode
{
    /// <summary>The agent wrote it itself.</summary>
    Own,

    /// <summary>From a peer on another node.</summary>
    Network,

    /// <summary>From an agent on the same node; no bytes were copied.</summary>
    Local,

    /// <summary>From a recorded history: never presented as an original conversation.</summary>
    Imported,

    /// <summary>Put back by a repair: how it first came is lost.</summary>
    Repaired,
}

/// <summary>How an exchange, or a frame in it, ended.</summary>
public enum ReceiptOutcome
{
    /// <summary>Its runs were delivered.</summary>
    Delivered,

    /// <summary>Something in it was refused.</summary>
    Rejected,

    /// <summary>The peer did not answer.</summary>
    Unreachable,

    /// <summary>The peer, or this agent, had gossip paused.</summary>
    Paused,
}

/// <summary>A local record of one frame, or of failures of one kind with one peer. Never gossiped. A delivery points at the
/// receipt that brought it; failures are the "why not".</summary>
/// <param name="Holder">Whose receipt.</param>
/// <param name="Number">From 1 per holder; 0 is reserved for the holder's own events, which need none.</param>
/// <param name="Peer">The other agent.</param>
/// <param name="Exchange">The exchange's id, chosen by its initiator.</param>
/// <param name="Mode">How it travelled.</param>
/// <param name="At">When it was received, by the holder's clock; for display only.</param>
/// <param name="Bytes">Payload bytes of the frame, 0 for failures.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Detail">Why not, in one sentence; null for a delivery.</param>
/// <param name="Count">How many equal failures this row stands for; 1 for a delivery.</param>
public sealed record Receipt(
    AgentId Holder,
    long Number,
    AgentId Peer,
    ulong Exchange,
    DeliveryMode Mode,
    DateTimeOffset At,
    int Bytes,
    ReceiptOutcome Outcome,
    string? Detail = null,
    long Count = 1);

/// <summary>A run of events of one chain in an agent's log: its log is the sequence of its runs.</summary>
/// <param name="Holder">Whose log.</param>
/// <param name="Position">Place of the run's first event in the log, from 1, without holes.</param>
/// <param name="Chain">The chain.</param>
/// <param name="First">First sequence.</param>
/// <param name="Last">Last sequence.</param>
/// <param name="Hop">Exchanges between the writer and the holder; 0 for the holder's own events.</param>
/// <param name="Receipt">Number of the receipt that brought it; 0 for the holder's own events.</param>
public sealed record Run(AgentId Holder, long Position, ChainId Chain, long First, long Last, int Hop, long Receipt)
{
    /// <summary>Number of events.</summary>
    public long Count => Last - First + 1;

    /// <summary>Place of the run's last event in the log.</summary>
    public long LastPosition => Position + Count - 1;
}
