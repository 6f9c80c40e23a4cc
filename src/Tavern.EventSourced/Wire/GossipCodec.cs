using Google.Protobuf;
using Tavern.EventSourced.Gossip;
using Call = Tavern.EventSourced.Wire.Format.Call;
using Reply = Tavern.EventSourced.Wire.Format.Reply;

namespace Tavern.EventSourced.Wire;

/// <summary>Calls and replies as bytes (gossip.proto, FORMAT.md). Headers and payloads of records are never re-encoded. Whatever
/// bytes arrive, decoding returns a message or throws <see cref="MalformedMessageException"/>, within bounds that
/// <see cref="WireLimits"/> names; fields of later versions are dropped.</summary>
public static class GossipCodec
{
    // Nothing received is forwarded except records, whose bytes are kept whole: unknown fields need not be kept.
    private static readonly MessageParser<Call> Calls = Call.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<Reply> Replies = Reply.Parser.WithDiscardUnknownFields(true);

    /// <summary>Encodes a call.</summary>
    /// <exception cref="MalformedMessageException">It is larger than <see cref="GossipEnvelope.MessageBytesMax"/>.</exception>
    /// <exception cref="ArgumentException">The message is not one that opens a call.</exception>
    public static byte[] EncodeCall(GossipEnvelope envelope)
    {
        var call = new Call
        {
            Tavern = MessageWriter.Bytes(envelope.Tavern),
            From = MessageWriter.Bytes(envelope.From),
            To = MessageWriter.Bytes(envelope.To),
            VersionMin = GossipEnvelope.VersionMin,
            VersionMax = GossipEnvelope.VersionMax,
        };
        switch (envelope.Message)
        {
            case GossipMessage.Syn syn:
                call.Syn = MessageWriter.Write(syn);
                break;
            case GossipMessage.Push push:
                call.Push = MessageWriter.Write(push);
                break;
            case GossipMessage.Ask ask:
                call.Ask = MessageWriter.Write(ask);
                break;
            case GossipMessage.Probe probe:
                call.Probe = MessageWriter.Write(probe);
                break;
            default:
                throw new ArgumentException($"A call opens with Syn, Push, Ask or Probe; got {envelope.Message.GetType().Name}.", nameof(envelope));
        }

        return ToBytes(call);
    }

    /// <summary>Encodes the reply to a call.</summary>
    /// <exception cref="MalformedMessageException">It is larger than <see cref="GossipEnvelope.MessageBytesMax"/>.</exception>
    /// <exception cref="ArgumentException">The message is not one that answers a call.</exception>
    public static byte[] EncodeReply(GossipMessage message) => ToBytes(message switch
    {
        GossipMessage.SynAck ack => new Reply { Version = GossipEnvelope.VersionMax, SynAck = MessageWriter.Write(ack) },
        GossipMessage.Push push => new Reply { Version = GossipEnvelope.VersionMax, Push = MessageWriter.Write(push) },
        GossipMessage.Answer answer => new Reply { Version = GossipEnvelope.VersionMax, Answer = MessageWriter.Write(answer) },
        GossipMessage.Alive alive => new Reply { Version = GossipEnvelope.VersionMax, Alive = MessageWriter.Write(alive) },
        GossipMessage.Refused refused => new Reply { Version = GossipEnvelope.VersionMax, Refused = MessageWriter.Write(refused) },
        _ => throw new ArgumentException($"A reply is SynAck, Push, Answer, Alive or Refused; got {message.GetType().Name}.", nameof(message)),
    });

    /// <summary>Decodes a call.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not one.</exception>
    public static DecodedCall DecodeCall(ReadOnlySpan<byte> bytes)
    {
        var call = Parse(bytes, Calls, Call.Descriptor);
        if (call.VersionMin > call.VersionMax)
            throw new MalformedMessageException($"The call speaks versions {call.VersionMin} to {call.VersionMax}; expected the lower one first.");
        if (call.VersionMin > GossipEnvelope.VersionMax || call.VersionMax < GossipEnvelope.VersionMin)
            return new DecodedCall.OtherVersion(call.VersionMin, call.VersionMax);
        GossipMessage message = call.MessageCase switch
        {
            Call.MessageOneofCase.Syn => MessageReader.Read(call.Syn),
            Call.MessageOneofCase.Push => MessageReader.Read(call.Push),
            Call.MessageOneofCase.Ask => MessageReader.Read(call.Ask),
            Call.MessageOneofCase.Probe => MessageReader.Read(call.Probe),
            _ => throw new MalformedMessageException("The call holds no message known here."),
        };
        return new DecodedCall.Readable(new GossipEnvelope(
            MessageReader.Number(call.Tavern, "tavern"), MessageReader.Agent(call.From, "from"), MessageReader.Agent(call.To, "to"), message));
    }

    /// <summary>Decodes a reply.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not one, or it is in a version not spoken here and not a refusal.</exception>
    public static GossipMessage DecodeReply(ReadOnlySpan<byte> bytes)
    {
        var reply = Parse(bytes, Replies, Reply.Descriptor);
        if (reply.MessageCase == Reply.MessageOneofCase.Refused) return MessageReader.Read(reply.Refused);
        if (reply.Version is < GossipEnvelope.VersionMin or > GossipEnvelope.VersionMax)
            throw new MalformedMessageException($"The reply is in version {reply.Version}; spoken here: {GossipEnvelope.VersionMin} to {GossipEnvelope.VersionMax}.");
        return reply.MessageCase switch
        {
            Reply.MessageOneofCase.SynAck => MessageReader.Read(reply.SynAck),
            Reply.MessageOneofCase.Push => MessageReader.Read(reply.Push),
            Reply.MessageOneofCase.Answer => MessageReader.Read(reply.Answer),
            Reply.MessageOneofCase.Alive => MessageReader.Read(reply.Alive),
            _ => throw new MalformedMessageException("The reply holds no message known here."),
        };
    }

    private static T Parse<T>(ReadOnlySpan<byte> bytes, MessageParser<T> parser, Google.Protobuf.Reflection.MessageDescriptor type)
        where T : IMessage<T>
    {
        RequireSize(bytes.Length);
        WireScan.Check(bytes, type);
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedMessageException($"The bytes are not a protobuf message: {e.Message}");
        }
    }

    private static byte[] ToBytes(IMessage message)
    {
        RequireSize(message.CalculateSize());
        return message.ToByteArray();
    }

    private static void RequireSize(int bytes)
    {
        if (bytes > GossipEnvelope.MessageBytesMax)
            throw new MalformedMessageException($"The message has {bytes} bytes; the limit is {GossipEnvelope.MessageBytesMax}.");
    }
}
