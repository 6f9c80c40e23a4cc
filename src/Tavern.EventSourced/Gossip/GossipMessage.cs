using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What one agent claims to have delivered of one chain: a tip, which is a record that no delivered record of the chain follows, with
/// all before it. A chain that has forked has several. Ordered by chain, sequence, term.</summary>
/// <param name="Chain">The chain, never with a branch.</param>
/// <param name="Sequence">Delivered without a gap; 0 for "nothing".</param>
/// <param name="Term">The entry's share of the fingerprint (<see cref="Fingerprint"/>): it pins the head's hash, so a fork shows as a
/// difference. 0 for "nothing".</param>
public readonly record struct ClockClaim(ChainId Chain, long Sequence, UInt128 Term) : IComparable<ClockClaim>
{
    /// <summary>Orders by chain, sequence, term.</summary>
    public int CompareTo(ClockClaim other)
    {
        var order = Chain.CompareTo(other.Chain);
        if (order == 0) order = Sequence.CompareTo(other.Sequence);
        return order != 0 ? order : Term.CompareTo(other.Term);
    }
}

/// <summary>A record that the sender of a want has of the chain it asks for.</summary>
/// <param name="Sequence">From 1.</param>
/// <param name="Hash">The start of the record's hash.</param>
public readonly record struct HeldPoint(long Sequence, UInt128 Hash)
{
    /// <summary>Length of the hash, in bytes.</summary>
    public const int HashBytes = 16;
}

/// <summary>A range of a chain that the sender of the message asks for, whole segments, and has reserved: it asks nobody else for
/// it until the answer came or the reservation ran out.</summary>
/// <param name="Chain">The chain, never with a branch.</param>
/// <param name="First">First sequence, from 1.</param>
/// <param name="Last">Last sequence.</param>
/// <param name="Term">Which record is meant by the last: its share of the fingerprint. 0, as nearly always: the chain is not known to have forked.</param>
public readonly record struct Want(ChainId Chain, long First, long Last, UInt128 Term = default)
{
    /// <summary>How many lines of one forked chain are asked for in one message: so a liar's branches do not crowd out other chains.</summary>
    public const int LinesMax = 64;

    /// <summary>How many points a want may name.</summary>
    public const int PointsMax = 32;

    private readonly ImmutableArray<HeldPoint> _points;

    /// <summary>What the sender has of a forked chain, highest first: the range starts after the highest of these that lies below its last record,
    /// at <see cref="First"/> when none does. Empty by default.</summary>
    public ImmutableArray<HeldPoint> Points
    {
        get => _points.IsDefault ? [] : _points;
        init => _points = value;
    }
}

/// <summary>A part of a full clock: all tips with After &lt; tip &lt;= Through (null: no bound).</summary>
public sealed record ClockPage(ClockClaim? After, ClockClaim? Through, ImmutableArray<ClockClaim> Entries);

/// <summary>A segment on its way.</summary>
/// <param name="Segment">The segment, verbatim.</param>
/// <param name="Hop">Exchanges between the writer and the sender; the receiver is one further.</param>
public readonly record struct FrameSegment(Segment Segment, int Hop);

/// <summary>Why a call was refused.</summary>
public enum RefusalReason
{
    /// <summary>The call names another tavern.</summary>
    WrongTavern,

    /// <summary>No protocol version in common.</summary>
    Version,

    /// <summary>The addressee is not hosted here.</summary>
    NotHosted,

    /// <summary>Nobody vouches for the caller.</summary>
    Stranger,

    /// <summary>Gossip is paused at the addressee.</summary>
    Paused,

    /// <summary>Too many exchanges under way; try again later.</summary>
    Busy,

    /// <summary>The message cannot be read.</summary>
    Malformed,
}

/// <summary>The messages of an exchange. Call 1: <see cref="Syn"/> -> <see cref="SynAck"/>. Call 2, as often as there is more:
/// <see cref="Push"/> -> <see cref="Push"/>. On its own: <see cref="Ask"/> -> <see cref="Answer"/>, <see cref="Probe"/> -> <see cref="Alive"/>. Any call may get <see cref="Refused"/>.</summary>
public abstract record GossipMessage
{
    private GossipMessage()
    {
    }

    /// <summary>Opens an exchange: what I have, as of one position of my log.</summary>
    /// <param name="Exchange">Chosen by the initiator; unique per initiator and incarnation.</param>
    /// <param name="Incarnation">Of the sender (<see cref="Gossip.Incarnation"/>); of another start when it restarted: what was remembered of
    /// it before is void.</param>
    /// <param name="Fingerprint">Over the whole clock at that position.</param>
    /// <param name="Changed">Entries of chains changed since the addressee last confirmed, newest first, all of a chain together; may be cut short.</param>
    /// <param name="Page">A part of the full clock, when recent entries did not explain the difference.</param>
    /// <param name="Nonce">Not 0: compare full clocks by hash (every 64th equal exchange).</param>
    public sealed record Syn(
        ulong Exchange, ulong Incarnation, UInt128 Fingerprint, ImmutableArray<ClockClaim> Changed, ClockPage? Page = null, ulong Nonce = 0) : GossipMessage
    {
        /// <summary>Who answers and who does not; empty by default, and while all is quiet.</summary>
        public ImmutableArray<Rumour> Rumours { get; init; } = [];
    }

    /// <summary>Answers <see cref="Syn"/>.</summary>
    /// <param name="Incarnation">Of the responder.</param>
    /// <param name="Fingerprint">Over the responder's whole clock.</param>
    /// <param name="Claims">The responder's entries for chains where it knows the two differ: behind, ahead or (sequence 0) missing; all of a chain
    /// together, unless the initiator compares page by page: then those of the page.</param>
    /// <param name="Wants">What the responder asks for, reserved.</param>
    /// <param name="Nonce">The responder's nonce, when a deep comparison was asked for and fingerprints are equal.</param>
    /// <param name="ClockHash">SHA-256(both nonces, sorted clock with terms), in that case.</param>
    public sealed record SynAck(
        ulong Incarnation, UInt128 Fingerprint, ImmutableArray<ClockClaim> Claims, ImmutableArray<Want> Wants, ulong Nonce = 0, Hash? ClockHash = null) : GossipMessage
    {
        /// <summary>Who answers and who does not; empty by default, and while all is quiet.</summary>
        public ImmutableArray<Rumour> Rumours { get; init; } = [];

        /// <summary>Bytes of wanted records that the responder has room for; a frame holds no more, or a single segment. 0, the default,
        /// when nothing is wanted.</summary>
        public int Room { get; init; }
    }

    /// <summary>Whole segments in an order in which causes come first, and what the sender asks for in return.</summary>
    /// <param name="Exchange">The exchange it belongs to.</param>
    /// <param name="Frame">What the other side wanted, as far as the budget goes.</param>
    /// <param name="Wants">What the sender asks for, reserved; empty in a reply.</param>
    /// <param name="More">True when the budget ended before the wanted ranges did.</param>
    public sealed record Push(ulong Exchange, ImmutableArray<FrameSegment> Frame, ImmutableArray<Want> Wants, bool More) : GossipMessage
    {
        /// <summary>Why segments that were in the frame could not be read; they are missing from <see cref="Frame"/>. Filled in on
        /// arrival, never sent; empty by default.</summary>
        public ImmutableArray<string> Unreadable { get; init; } = [];

        /// <summary>Bytes of wanted records that the sender has room for; the frame in return holds no more, or a single segment. 0, the
        /// default, when nothing is wanted.</summary>
        public int Room { get; init; }
    }

    /// <summary>Are you there? Answered by <see cref="Alive"/>.</summary>
    /// <param name="Incarnation">Of the sender.</param>
    /// <param name="Target">When set: call that agent, too, and if it answers, say so with a probe that carries the rumour that it is alive.</param>
    public sealed record Probe(ulong Incarnation, AgentId? Target = null) : GossipMessage
    {
        /// <summary>Who answers and who does not; empty by default.</summary>
        public ImmutableArray<Rumour> Rumours { get; init; } = [];
    }

    /// <summary>Answers <see cref="Probe"/>, before anybody else is called.</summary>
    /// <param name="Incarnation">Of the responder.</param>
    public sealed record Alive(ulong Incarnation) : GossipMessage
    {
        /// <summary>Who answers and who does not; empty by default.</summary>
        public ImmutableArray<Rumour> Rumours { get; init; } = [];
    }

    /// <summary>A question to one agent, for people: why, told, who-knows, recovery. Never needed for convergence.</summary>
    /// <param name="Nonce">Makes the signed answer belong to this question.</param>
    /// <param name="Content">UTF-8 JSON of the question.</param>
    public sealed record Ask(ulong Nonce, ReadOnlyMemory<byte> Content) : GossipMessage;

    /// <summary>The answer, signed by the answering agent.</summary>
    public sealed record Answer(ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Signature) : GossipMessage;

    /// <summary>The call was refused; nothing was changed.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : GossipMessage
    {
        /// <summary>True when somebody else answered than who was called: the address is another's by now.</summary>
        public bool IsFromAnother => Reason is RefusalReason.NotHosted or RefusalReason.WrongTavern;
    }
}

/// <summary>A message with its address.</summary>
/// <param name="Tavern">The tavern's id; its first 16 bytes travel.</param>
/// <param name="From">The sending agent.</param>
/// <param name="To">The addressed agent.</param>
/// <param name="Message">The message.</param>
public sealed record GossipEnvelope(UInt128 Tavern, AgentId From, AgentId To, GossipMessage Message)
{
    /// <summary>Lowest protocol version spoken.</summary>
    public const int VersionMin = 1;

    /// <summary>Highest protocol version spoken. Version 1 is frozen: Wire/FORMAT.md says what may be added to it, and how.</summary>
    public const int VersionMax = 1;

    /// <summary>Largest encoded message, in bytes: the largest record, its header, and as much again for claims and wants. More
    /// means a broken or hostile peer.</summary>
    public const int MessageBytesMax = EventLimits.PayloadBytesMax + EventLimits.HeaderBytesMax + 256 * 1024;

    /// <summary>The part of a tavern's id that travels with every message.</summary>
    public static UInt128 TavernTag(Hash tavern) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(tavern.ToByteArray());
}
