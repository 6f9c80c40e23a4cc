using System.Buffers.Binary;
using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Wire;

/// <summary>Turns the messages of gossip.proto into those of the engine and checks every field.</summary>
internal static class MessageReader
{
    public static GossipMessage.Syn Read(Format.Syn syn) =>
        new(syn.Exchange, syn.Incarnation, Number(syn.Fingerprint, "fingerprint"), Claims(syn.Changed, "changed"), Read(syn.Page), syn.Nonce)
        {
            Rumours = Rumours(syn.Rumours),
        };

    public static GossipMessage.SynAck Read(Format.SynAck ack) => new(
        ack.Incarnation, Number(ack.Fingerprint, "fingerprint"), Claims(ack.Claims, "claims"), Wants(ack.Wants), ack.Nonce, ReadHash(ack.ClockHash))
    {
        Rumours = Rumours(ack.Rumours),
        Room = Room(ack.Room),
    };

    public static GossipMessage.Push Read(Format.Push push)
    {
        RequireCount(push.Frame.Count, WireLimits.SegmentsMax, "frame");
        var (frame, unreadable) = SegmentReader.Read(push.Frame);
        return new GossipMessage.Push(push.Exchange, frame, Wants(push.Wants), push.More) { Unreadable = unreadable, Room = Room(push.Room) };
    }

    public static GossipMessage.Probe Read(Format.Probe probe) =>
        new(probe.Incarnation, probe.Target.IsEmpty ? null : Agent(probe.Target, "target")) { Rumours = Rumours(probe.Rumours) };

    public static GossipMessage.Alive Read(Format.Alive alive) => new(alive.Incarnation) { Rumours = Rumours(alive.Rumours) };

    public static GossipMessage.Ask Read(Format.Ask ask) => new(ask.Nonce, ask.Content.Memory);

    public static GossipMessage.Answer Read(Format.Answer answer) => answer.Signature.Length <= WireLimits.SignatureBytesMax
        ? new GossipMessage.Answer(answer.Content.Memory, answer.Signature.Memory)
        : throw new MalformedMessageException($"The signature of an answer has {answer.Signature.Length} bytes; the limit is {WireLimits.SignatureBytesMax}.");

    public static GossipMessage.Refused Read(Format.Refused refused)
    {
        var detail = refused.Detail.Length <= WireLimits.DetailCharsMax ? refused.Detail : refused.Detail[..WireLimits.DetailCharsMax];
        var reason = (RefusalReason)((int)refused.Reason - 1);
        return Enum.IsDefined(reason)
            ? new GossipMessage.Refused(reason, detail)
            : throw new MalformedMessageException($"The call was refused for a reason not known here ({(int)refused.Reason}): {detail}");
    }

    public static AgentId Agent(ByteString bytes, string field) => bytes.Length == AgentId.Bytes
        ? AgentId.FromBytes(bytes.Span)
        : throw new MalformedMessageException($"The field {field} has {bytes.Length} bytes; expected {AgentId.Bytes}.");

    /// <summary>16 bytes, or nothing for 0.</summary>
    public static UInt128 Number(ByteString bytes, string field) => bytes.Length switch
    {
        0 => 0,
        16 => BinaryPrimitives.ReadUInt128BigEndian(bytes.Span),
        _ => throw new MalformedMessageException($"The field {field} has {bytes.Length} bytes; expected 16."),
    };

    private static ClockPage? Read(Format.Page? page)
    {
        if (page is null) return null;
        var (after, through, entries) = (Bound(page.After), Bound(page.Through), Claims(page.Entries, "entries"));
        var before = after;
        foreach (var entry in entries)
        {
            if (before is { } last && entry.CompareTo(last) <= 0)
                throw new MalformedMessageException($"A clock page names {entry.Chain} after {last.Chain}; expected ascending entries after its start.");
            before = entry;
        }

        if (before is { } end && through is { } bound && end.CompareTo(bound) > 0)
            throw new MalformedMessageException($"A clock page names {end.Chain}, beyond its end {bound.Chain}.");
        return new ClockPage(after, through, entries);
    }

    private static ImmutableArray<ClockClaim> Claims(RepeatedField<Format.Claim> claims, string field)
    {
        RequireCount(claims.Count, WireLimits.ClaimsMax, field);
        return [.. claims.Select(Read)];
    }

    private static ImmutableArray<Want> Wants(RepeatedField<Format.Want> wants)
    {
        RequireCount(wants.Count, WireLimits.WantsMax, "wants");
        return [.. wants.Select(Read)];
    }

    private static Want Read(Format.Want want)
    {
        if (want.First < 1 || want.First > want.Last) throw new MalformedMessageException($"A want asks for {want.First} to {want.Last}; expected a range from 1 or later.");
        RequireCount(want.PointSequences.Count, Want.PointsMax, "point_sequences");
        if (want.PointHashes.Length != want.PointSequences.Count * HeldPoint.HashBytes)
            throw new MalformedMessageException($"The field point_hashes has {want.PointHashes.Length} bytes; expected {HeldPoint.HashBytes} for each of {want.PointSequences.Count} points.");
        var points = want.PointSequences.Select((sequence, i) =>
            new HeldPoint(Sequence(sequence), BinaryPrimitives.ReadUInt128BigEndian(want.PointHashes.Span[(i * HeldPoint.HashBytes)..])));
        return new Want(ReadChain(want.Agent, want.Epoch), Sequence(want.First), Sequence(want.Last), Number(want.Term, "term")) { Points = [.. points] };
    }

    private static ClockClaim? Bound(Format.Claim? claim) => claim is null ? null : Read(claim);

    private static ClockClaim Read(Format.Claim claim) => new(ReadChain(claim.Agent, claim.Epoch), Sequence(claim.Sequence), Number(claim.Term, "term"));

    private static ImmutableArray<Rumour> Rumours(RepeatedField<Format.Rumour> rumours)
    {
        RequireCount(rumours.Count, WireLimits.RumoursMax, "rumours");
        return [.. rumours.Select(rumour => rumour.Liveness <= (uint)Liveness.Dead
            ? new Rumour(Agent(rumour.About, "about"), (Liveness)rumour.Liveness, rumour.Incarnation, Agent(rumour.By, "by"))
            : throw new MalformedMessageException($"A rumour says {rumour.Liveness}; expected 0 (alive), 1 (suspected) or 2 (dead)."))];
    }

    private static int Room(uint room) => room <= int.MaxValue ? (int)room : throw new MalformedMessageException($"The room {room} is out of range.");

    private static ChainId ReadChain(ByteString agent, uint epoch) => epoch <= int.MaxValue
        ? new ChainId(Agent(agent, "agent"), epoch == 0 ? 1 : (int)epoch)
        : throw new MalformedMessageException($"The epoch {epoch} is out of range.");

    private static long Sequence(ulong sequence) => sequence <= long.MaxValue
        ? (long)sequence
        : throw new MalformedMessageException($"The sequence {sequence} is out of range.");

    private static Hash? ReadHash(ByteString bytes) => bytes.Length switch
    {
        0 => null,
        Hash.Bytes => new Hash(bytes.Span),
        _ => throw new MalformedMessageException($"The field clock_hash has {bytes.Length} bytes; expected {Hash.Bytes}."),
    };

    private static void RequireCount(int count, int max, string field)
    {
        if (count > max) throw new MalformedMessageException($"The field {field} has {count} entries; the limit is {max}.");
    }
}
