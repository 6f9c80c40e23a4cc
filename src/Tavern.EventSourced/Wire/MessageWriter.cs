using System.Buffers.Binary;
using Google.Protobuf;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Wire;

/// <summary>Turns the messages of the engine into those of gossip.proto. Bytes are shared, not copied.</summary>
internal static class MessageWriter
{
    public static Format.Syn Write(GossipMessage.Syn syn)
    {
        var message = new Format.Syn
        {
            Exchange = syn.Exchange,
            Incarnation = syn.Incarnation,
            Fingerprint = Bytes(syn.Fingerprint),
            Nonce = syn.Nonce,
        };
        foreach (var claim in syn.Changed) message.Changed.Add(Write(claim));
        foreach (var rumour in syn.Rumours) message.Rumours.Add(Write(rumour));
        if (syn.Page is not { } page) return message;
        message.Page = new Format.Page();
        if (page.After is { } after) message.Page.After = Write(after);
        if (page.Through is { } through) message.Page.Through = Write(through);
        foreach (var claim in page.Entries) message.Page.Entries.Add(Write(claim));
        return message;
    }

    public static Format.SynAck Write(GossipMessage.SynAck ack)
    {
        var message = new Format.SynAck { Incarnation = ack.Incarnation, Fingerprint = Bytes(ack.Fingerprint), Nonce = ack.Nonce };
        foreach (var claim in ack.Claims) message.Claims.Add(Write(claim));
        foreach (var want in ack.Wants) message.Wants.Add(Write(want));
        foreach (var rumour in ack.Rumours) message.Rumours.Add(Write(rumour));
        message.Room = (uint)ack.Room;
        if (ack.ClockHash is { } hash) message.ClockHash = UnsafeByteOperations.UnsafeWrap(hash.ToByteArray());
        return message;
    }

    public static Format.Push Write(GossipMessage.Push push)
    {
        var message = new Format.Push { Exchange = push.Exchange, More = push.More, Room = (uint)push.Room };
        foreach (var segment in push.Frame) message.Frame.Add(Write(segment));
        foreach (var want in push.Wants) message.Wants.Add(Write(want));
        return message;
    }

    public static Format.Ask Write(GossipMessage.Ask ask) =>
        new() { Nonce = ask.Nonce, Content = UnsafeByteOperations.UnsafeWrap(ask.Content) };

    public static Format.Answer Write(GossipMessage.Answer answer) => new()
    {
        Content = UnsafeByteOperations.UnsafeWrap(answer.Content),
        Signature = UnsafeByteOperations.UnsafeWrap(answer.Signature),
    };

    public static Format.Probe Write(GossipMessage.Probe probe)
    {
        var message = new Format.Probe { Incarnation = probe.Incarnation };
        if (probe.Target is { } target) message.Target = Bytes(target);
        foreach (var rumour in probe.Rumours) message.Rumours.Add(Write(rumour));
        return message;
    }

    public static Format.Alive Write(GossipMessage.Alive alive)
    {
        var message = new Format.Alive { Incarnation = alive.Incarnation };
        foreach (var rumour in alive.Rumours) message.Rumours.Add(Write(rumour));
        return message;
    }

    public static Format.Refused Write(GossipMessage.Refused refused) => new()
    {
        Reason = (Format.Reason)((int)refused.Reason + 1), // 0 is "not given" on the wire
        Detail = refused.Detail.Length <= WireLimits.DetailCharsMax ? refused.Detail : refused.Detail[..WireLimits.DetailCharsMax],
    };

    /// <summary>16 bytes, big-endian; nothing for 0.</summary>
    public static ByteString Bytes(UInt128 value)
    {
        if (value == 0) return ByteString.Empty;
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static ByteString Bytes(AgentId agent) => UnsafeByteOperations.UnsafeWrap(agent.ToByteArray());

    private static Format.Segment Write(FrameSegment frame)
    {
        var message = new Format.Segment { Signature = UnsafeByteOperations.UnsafeWrap(frame.Segment.Signature), Hop = (uint)Math.Min(frame.Hop, WireLimits.HopMax) };
        foreach (var record in frame.Segment.Records)
        {
            message.Records.Add(new Format.Record
            {
                Header = UnsafeByteOperations.UnsafeWrap(record.HeaderBytes),
                Payload = UnsafeByteOperations.UnsafeWrap(record.Payload),
            });
        }

        return message;
    }

    private static Format.Rumour Write(Rumour rumour) => new()
    {
        About = Bytes(rumour.About),
        Liveness = (uint)rumour.Liveness,
        Incarnation = rumour.Incarnation,
        By = Bytes(rumour.By),
    };

    private static Format.Claim Write(ClockClaim claim) => new()
    {
        Agent = Bytes(claim.Chain.Agent),
        Epoch = Epoch(claim.Chain),
        Sequence = (ulong)claim.Sequence,
        Term = Bytes(claim.Term),
    };

    private static Format.Want Write(Want want)
    {
        var message = new Format.Want
        {
            Agent = Bytes(want.Chain.Agent),
            Epoch = Epoch(want.Chain),
            First = (ulong)want.First,
            Last = (ulong)want.Last,
            Term = Bytes(want.Term),
        };
        if (want.Points.IsEmpty) return message;
        var hashes = new byte[want.Points.Length * HeldPoint.HashBytes];
        for (var i = 0; i < want.Points.Length; i++)
        {
            message.PointSequences.Add((ulong)want.Points[i].Sequence);
            BinaryPrimitives.WriteUInt128BigEndian(hashes.AsSpan(i * HeldPoint.HashBytes), want.Points[i].Hash);
        }

        message.PointHashes = UnsafeByteOperations.UnsafeWrap(hashes);
        return message;
    }

    // Nearly every chain is an agent's first: its epoch is left out.
    private static uint Epoch(ChainId chain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chain.Epoch, 1);
        return chain.Epoch == 1 ? 0 : (uint)chain.Epoch;
    }
}
