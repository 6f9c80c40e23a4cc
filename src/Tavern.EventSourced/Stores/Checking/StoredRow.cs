namespace Tavern.EventSourced.Stores.Checking;

/// <summary>One row of a store as it is found: nothing about it is trusted. Every durable store has these, whatever it calls its
/// tables. A check takes them table by table, in the order of the cases here.</summary>
public abstract record StoredRow
{
    private StoredRow()
    {
    }

    /// <summary>A chain and the number other rows name it by.</summary>
    /// <param name="Key">That number.</param>
    /// <param name="Agent">The writer's id.</param>
    /// <param name="Epoch">Its epoch.</param>
    /// <param name="Branch">Which line of it, when it has forked; otherwise 0.</param>
    public sealed record Chain(long Key, ReadOnlyMemory<byte> Agent, long Epoch, long Branch) : StoredRow;

    /// <summary>An agent with a log here, and the number other rows name it by.</summary>
    /// <param name="Key">That number.</param>
    /// <param name="Agent">Its id.</param>
    public sealed record Holder(long Key, ReadOnlyMemory<byte> Agent) : StoredRow;

    /// <summary>A record; by position.</summary>
    /// <param name="Position">Its place in the node's order of delivery.</param>
    /// <param name="ChainKey">Its chain.</param>
    /// <param name="Sequence">Its place in the chain.</param>
    /// <param name="Verified">1 when the signature was checked here.</param>
    /// <param name="Hash">SHA-256 of the header.</param>
    /// <param name="Signature">The author's, on the last record of a segment; null on others.</param>
    /// <param name="Header">Verbatim.</param>
    /// <param name="Payload">Verbatim.</param>
    public sealed record Event(
        long Position, long ChainKey, long Sequence, long Verified, ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte>? Signature,
        ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Payload) : StoredRow;

    /// <summary>Where a segment is.</summary>
    /// <param name="ChainKey">Its chain.</param>
    /// <param name="First">First sequence.</param>
    /// <param name="Last">Last sequence.</param>
    /// <param name="Position">Of its first record.</param>
    public sealed record Segment(long ChainKey, long First, long Last, long Position) : StoredRow;

    /// <summary>A receipt; by holder and number.</summary>
    /// <param name="HolderKey">Whose.</param>
    /// <param name="Number">From 1 per holder.</param>
    /// <param name="Peer">The other agent's id.</param>
    /// <param name="Exchange">64 bits that name the exchange, shown as signed.</param>
    /// <param name="Mode">As a number of <see cref="Provenance.DeliveryMode"/>.</param>
    /// <param name="At">100 ns since 1970.</param>
    /// <param name="Bytes">Of the frame.</param>
    /// <param name="Outcome">As a number of <see cref="Provenance.ReceiptOutcome"/>.</param>
    /// <param name="Detail">Why not; null for a delivery.</param>
    /// <param name="Count">How many it stands for.</param>
    public sealed record Receipt(
        long HolderKey, long Number, ReadOnlyMemory<byte> Peer, long Exchange, long Mode, long At, long Bytes, long Outcome, string? Detail,
        long Count) : StoredRow;

    /// <summary>A run of a log; by holder and position.</summary>
    /// <param name="HolderKey">Whose log.</param>
    /// <param name="Position">Of its first event in the log.</param>
    /// <param name="ChainKey">The chain.</param>
    /// <param name="First">First sequence.</param>
    /// <param name="Last">Last sequence.</param>
    /// <param name="Hop">Exchanges between writer and holder.</param>
    /// <param name="ReceiptNumber">The receipt that brought it, 0 for own events.</param>
    public sealed record Run(long HolderKey, long Position, long ChainKey, long First, long Last, long Hop, long ReceiptNumber) : StoredRow;

    /// <summary>A request that was carried out.</summary>
    /// <param name="HolderKey">Whose.</param>
    /// <param name="Key">The client's key.</param>
    /// <param name="RequestHash">Hash of what was asked.</param>
    /// <param name="ChainKey">Chain of the event it appended.</param>
    /// <param name="Sequence">Its place there.</param>
    public sealed record Idempotency(long HolderKey, string Key, ReadOnlyMemory<byte> RequestHash, long ChainKey, long Sequence) : StoredRow;

    /// <summary>How far a subscription has come.</summary>
    /// <param name="HolderKey">Whose.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="At">The position in the holder's log up to which everything is handled.</param>
    /// <param name="ChainKey">Chain of the last event it emitted; null for none.</param>
    /// <param name="Sequence">That event's place there; null for none.</param>
    public sealed record Subscription(long HolderKey, string Name, long At, long? ChainKey, long? Sequence) : StoredRow;
}
