using Google.Protobuf;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;
using Format = Tavern.EventSourced.Wire.Format;

namespace Tavern.EventSourced.Tests.Wire;

public class GossipCodecTests
{
    private static readonly GossipMessage.Syn IdleSyn = new(ulong.MaxValue, ulong.MaxValue, UInt128.MaxValue, []);
    private static readonly GossipMessage.SynAck IdleAck = new(ulong.MaxValue, UInt128.MaxValue, [], []);

    [Fact]
    public void Any_message_comes_back_as_it_was_sent()
    {
        for (var seed = 0UL; seed < 500; seed++)
        {
            var messages = new RandomMessages(new SplitMix64(seed));
            var (call, reply) = (messages.Call(), messages.Reply());
            var decoded = Assert.IsType<DecodedCall.Readable>(GossipCodec.DecodeCall(GossipCodec.EncodeCall(call))).Envelope;
            Assert.True(MessageText.Of(call) == MessageText.Of(decoded), $"Seed {seed}: {MessageText.Of(call)} became {MessageText.Of(decoded)}");
            var answer = GossipCodec.DecodeReply(GossipCodec.EncodeReply(reply));
            Assert.True(MessageText.Of(reply) == MessageText.Of(answer), $"Seed {seed}: {MessageText.Of(reply)} became {MessageText.Of(answer)}");
        }
    }

    [Fact]
    public void An_idle_exchange_costs_127_bytes_whatever_the_numbers_are()
    {
        Assert.Equal(96, GossipCodec.EncodeCall(Envelope(IdleSyn)).Length);
        Assert.Equal(31, GossipCodec.EncodeReply(IdleAck).Length);
    }

    [Fact]
    public void A_claim_of_a_first_epoch_costs_at_most_41_bytes_up_to_sequence_16383()
    {
        var claim = new ClockClaim(new ChainId(new AgentId(UInt128.MaxValue), 1), 16_383, UInt128.MaxValue);
        Assert.Equal(96 + 41, GossipCodec.EncodeCall(Envelope(IdleSyn with { Changed = [claim] })).Length);
    }

    [Fact]
    public void Header_and_payload_bytes_are_kept_with_fields_that_nobody_knows()
    {
        var segment = new RandomMessages(new SplitMix64(1)).Segment();
        byte[] header = [.. segment.Records[0].HeaderBytes.ToArray(), 0xFA, 0x3F, 2, 7, 9]; // field 1023, two bytes
        var stretched = new Segment([EventRecord.Parse(header, segment.Records[0].Payload)], segment.Signature);
        var push = Assert.IsType<GossipMessage.Push>(Decoded(new GossipMessage.Push(1, [new FrameSegment(stretched, 3)], [], false)));
        var record = Assert.Single(push.Frame).Segment.Records[0];
        Assert.Equal(header, record.HeaderBytes.ToArray());
        Assert.Equal(Hash.Of(header), record.Hash);
    }

    [Fact]
    public void Fields_that_nobody_knows_are_dropped_from_messages()
    {
        byte[] bytes = [.. GossipCodec.EncodeCall(Envelope(IdleSyn)), 0xFA, 0x3F, 2, 7, 9, 0xF8, 0x3F, 1];
        Assert.Equal(MessageText.Of(Envelope(IdleSyn)), MessageText.Of(Assert.IsType<DecodedCall.Readable>(GossipCodec.DecodeCall(bytes)).Envelope));
    }

    [Fact]
    public void A_caller_without_a_common_version_is_told_both_ranges()
    {
        var call = new Format.Call { VersionMin = 3, VersionMax = 4, Tavern = ByteString.CopyFrom(1) };
        var other = Assert.IsType<DecodedCall.OtherVersion>(GossipCodec.DecodeCall(call.ToByteArray()));
        Assert.Equal((3, 4), (other.Min, other.Max));
        Assert.Equal(new GossipMessage.Refused(RefusalReason.Version, "The call speaks versions 3 to 4; spoken here: 1 to 1."), other.Refusal);
    }

    [Fact]
    public void A_caller_of_a_later_version_that_speaks_this_one_too_is_understood()
    {
        var call = Format.Call.Parser.ParseFrom(GossipCodec.EncodeCall(Envelope(IdleSyn)));
        call.VersionMax = 7;
        Assert.IsType<DecodedCall.Readable>(GossipCodec.DecodeCall(call.ToByteArray()));
    }

    [Fact]
    public void A_refusal_is_read_in_any_version_and_another_reply_is_not()
    {
        var refused = new Format.Reply { Version = 9, Refused = new Format.Refused { Reason = Format.Reason.Version, Detail = "no" } };
        Assert.Equal(new GossipMessage.Refused(RefusalReason.Version, "no"), GossipCodec.DecodeReply(refused.ToByteArray()));
        var answer = new Format.Reply { Version = 9, Answer = new Format.Answer() };
        Assert.Contains("version 9", Assert.Throws<MalformedMessageException>(() => GossipCodec.DecodeReply(answer.ToByteArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_segment_that_cannot_be_read_is_reported_and_the_others_arrive()
    {
        var messages = new RandomMessages(new SplitMix64(2));
        var call = Format.Call.Parser.ParseFrom(GossipCodec.EncodeCall(Envelope(
            new GossipMessage.Push(1, [.. Enumerable.Range(0, 3).Select(hop => new FrameSegment(messages.Segment(), hop))], [], false))));
        call.Push.Frame[1].Records[0].Payload = ByteString.CopyFromUtf8("another payload");
        var push = (GossipMessage.Push)((DecodedCall.Readable)GossipCodec.DecodeCall(call.ToByteArray())).Envelope.Message;
        Assert.Equal([0, 2], push.Frame.Select(frame => frame.Hop));
        Assert.EndsWith("is not the one its header names.", Assert.Single(push.Unreadable), StringComparison.Ordinal);
    }

    [Fact]
    public void A_boastful_hop_count_refuses_no_segment()
    {
        var push = new GossipMessage.Push(1, [new FrameSegment(new RandomMessages(new SplitMix64(4)).Segment(), int.MaxValue)], [], false);
        Assert.Equal(65_535, Assert.Single(((GossipMessage.Push)Decoded(push)).Frame).Hop);
        var reply = Format.Reply.Parser.ParseFrom(GossipCodec.EncodeReply(push));
        reply.Push.Frame[0].Hop = uint.MaxValue;
        Assert.Equal(65_535, Assert.Single(((GossipMessage.Push)GossipCodec.DecodeReply(reply.ToByteArray())).Frame).Hop);
    }

    [Fact]
    public void The_largest_segment_fits_into_a_message_and_a_larger_message_is_not_encoded()
    {
        var content = new byte[EventLimits.PayloadBytesMax];
        Assert.Equal(content.Length, ((GossipMessage.Ask)Decoded(new GossipMessage.Ask(1, content))).Content.Length);
        var large = new GossipMessage.Ask(1, new byte[GossipEnvelope.MessageBytesMax]);
        Assert.Contains("the limit is 1376256", Assert.Throws<MalformedMessageException>(() => GossipCodec.EncodeCall(Envelope(large))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_opens_no_call_or_answers_none_is_not_encoded()
    {
        Assert.Throws<ArgumentException>(() => GossipCodec.EncodeCall(Envelope(IdleAck)));
        Assert.Throws<ArgumentException>(() => GossipCodec.EncodeReply(IdleSyn));
    }

    private static (string Expected, Action<Format.Call> Spoil)[] Malformed =>
    [
        ("The field from has 3 bytes; expected 16.", call => call.From = ByteString.CopyFrom(1, 2, 3)),
        ("The field tavern has 1 bytes; expected 16.", call => call.Tavern = ByteString.CopyFrom(1)),
        ("The call speaks versions 2 to 1; expected the lower one first.", call => (call.VersionMin, call.VersionMax) = (2, 1)),
        ("The call holds no message known here.", call => call.ClearMessage()),
        ("The field changed has 8193 entries; the limit is 8192.", call => call.Syn.Changed.AddRange(Enumerable.Repeat(Claim(), 8193))),
        ("The message holds more than 32768 messages.", call => call.Syn.Changed.AddRange(Enumerable.Repeat(new Format.Claim(), 40_000))),
        ("The epoch 4294967295 is out of range.", call => call.Syn.Changed.Add(new Format.Claim(Claim()) { Epoch = uint.MaxValue })),
        ("The sequence 9223372036854775808 is out of range.", call => call.Syn.Changed.Add(new Format.Claim(Claim()) { Sequence = 1UL << 63 })),
        ("The field term has 2 bytes; expected 16.", call => call.Syn.Changed.Add(new Format.Claim(Claim()) { Term = ByteString.CopyFrom(1, 2) })),
        ("A clock page names 01010101010101010101010101010101 after 01010101010101010101010101010101; expected ascending entries after its start.", call => call.Syn.Page = new Format.Page { Entries = { Claim(), Claim() } }),
        ("A clock page names 01010101010101010101010101010101, beyond its end 00000000000000000000000000000000.", call => call.Syn.Page = new Format.Page { Through = new Format.Claim { Agent = ByteString.CopyFrom(new byte[16]) }, Entries = { Claim() } }),
        ("A want asks for 5 to 4; expected a range from 1 or later.", call => call.Push = new Format.Push { Wants = { new Format.Want { Agent = Claim().Agent, First = 5, Last = 4 } } }),
        ("A want asks for 0 to 4; expected a range from 1 or later.", call => call.Push = new Format.Push { Wants = { new Format.Want { Agent = Claim().Agent, Last = 4 } } }),
        ("The field point_sequences has 33 entries; the limit is 32.", call => call.Push = new Format.Push { Wants = { new Format.Want { Agent = Claim().Agent, First = 1, Last = 4, PointSequences = { Enumerable.Repeat(1UL, 33) } } } }),
        ("The field point_hashes has 3 bytes; expected 16 for each of 1 points.", call => call.Push = new Format.Push { Wants = { new Format.Want { Agent = Claim().Agent, First = 1, Last = 4, PointSequences = { 1 }, PointHashes = ByteString.CopyFrom(1, 2, 3) } } }),
        ("The field frame has 8193 entries; the limit is 8192.", call => call.Push = new Format.Push { Frame = { Enumerable.Repeat(new Format.Segment(), 8193) } }),
    ];

    [Fact]
    public void What_is_wrong_with_a_message_is_named() => Assert.All(Malformed, wrong =>
    {
        var call = Format.Call.Parser.ParseFrom(GossipCodec.EncodeCall(Envelope(IdleSyn)));
        wrong.Spoil(call);
        Assert.Equal(wrong.Expected, Assert.Throws<MalformedMessageException>(() => GossipCodec.DecodeCall(call.ToByteArray())).Message);
    });

    private static (string Expected, Action<Format.Segment> Spoil)[] Unreadable =>
    [
        ("A segment holds at least one record; got none.", segment => segment.Records.Clear()),
        ("A segment has 1025 records; the limit is 1024.", segment => segment.Records.AddRange(Enumerable.Repeat(new Format.Record(), 1025 - segment.Records.Count))),
        ("A signature has 257 bytes; the limit is 256.", segment => segment.Signature = ByteString.CopyFrom(new byte[257])),
        ("The type name has 0 characters; expected 1 to 128.", segment => segment.Records[0].Header = ByteString.Empty),
    ];

    [Fact]
    public void What_is_wrong_with_a_segment_is_named() => Assert.All(Unreadable, wrong =>
    {
        var reply = Format.Reply.Parser.ParseFrom(GossipCodec.EncodeReply(
            new GossipMessage.Push(1, [new FrameSegment(new RandomMessages(new SplitMix64(3)).Segment(), 0)], [], false)));
        wrong.Spoil(reply.Push.Frame[0]);
        var push = (GossipMessage.Push)GossipCodec.DecodeReply(reply.ToByteArray());
        Assert.Equal(wrong.Expected, Assert.Single(push.Unreadable));
        Assert.Empty(push.Frame);
    });

    private static Format.Claim Claim() => new() { Agent = ByteString.CopyFrom(Enumerable.Repeat((byte)1, 16).ToArray()), Sequence = 1 };

    private static GossipEnvelope Envelope(GossipMessage message) => new(UInt128.MaxValue, new AgentId(UInt128.MaxValue), new AgentId(1), message);

    private static GossipMessage Decoded(GossipMessage message) =>
        ((DecodedCall.Readable)GossipCodec.DecodeCall(GossipCodec.EncodeCall(Envelope(message)))).Envelope.Message;
}
