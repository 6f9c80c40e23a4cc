using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>A message of every kind, every field of it given, and the smallest ones.</summary>
internal static class GoldenMessages
{
    private static readonly AgentId Jake = AgentId.Parse("00112233445566778899aabbccddeeff");
    private static readonly AgentId Gandalf = AgentId.Parse("5cd252fb0ce8932436faf8ccd1040981");
    private static readonly UInt128 Wide = UInt128.Parse("123456789012345678901234567890123456789", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly ClockClaim[] Claims = [new(new ChainId(Jake, 1), 5, Wide), new(new ChainId(Gandalf, 2), 300, Wide - 7), new(new ChainId(Gandalf, 2), 301, 9)];
    private static readonly ImmutableArray<Rumour> Rumours = [new(Jake, Liveness.Alive, 4, Gandalf), new(Gandalf, Liveness.Suspected, 77, Jake), new(Gandalf, Liveness.Dead, ulong.MaxValue, Jake)];

    private static readonly ImmutableArray<Want> Wants =
    [
        new(new ChainId(Jake, 1), 6, 9),
        new(new ChainId(Gandalf, 2), 1, 301, Wide) { Points = [new HeldPoint(300, Wide - 1), new HeldPoint(1, 2)] },
    ];

    private static readonly FrameSegment[] Frame =
    [
        new(new Segment([GoldenRecords.All["bare"]], new byte[] { 1, 2, 3 }), 0),
        new(new Segment([GoldenRecords.All["later-fields"]], Enumerable.Repeat((byte)0x5a, 64).ToArray()), 300),
    ];

    private static readonly GossipMessage.Push Push = new(0x0102030405060708, [.. Frame], Wants, true) { Room = 262_144 };

    /// <summary>Those that open a call, by the name of their file.</summary>
    public static SortedDictionary<string, GossipEnvelope> Calls { get; } = new(StringComparer.Ordinal)
    {
        ["call-Syn"] = Call(new GossipMessage.Syn(1, 2, Wide, [.. Claims], new ClockPage(Claims[0], Claims[2], [.. Claims[1..]]), 3) { Rumours = Rumours }),
        ["call-Syn-idle"] = Call(new GossipMessage.Syn(1, 2, Wide, [], null, 0)),
        ["call-Push"] = Call(Push),
        ["call-Probe"] = Call(new GossipMessage.Probe(8, Gandalf) { Rumours = Rumours }),
        ["call-Ask"] = Call(new GossipMessage.Ask(9, """{"kind":"clock"}"""u8.ToArray())),
    };

    /// <summary>Those that answer one, by the name of their file.</summary>
    public static SortedDictionary<string, GossipMessage> Replies { get; } = MakeReplies();

    private static SortedDictionary<string, GossipMessage> MakeReplies()
    {
        var replies = new SortedDictionary<string, GossipMessage>(StringComparer.Ordinal)
        {
            ["reply-SynAck"] = new GossipMessage.SynAck(2, Wide, [.. Claims], Wants, 3, Hash.Of([1])) { Rumours = Rumours, Room = 65_536 },
            ["reply-SynAck-idle"] = new GossipMessage.SynAck(2, Wide, [], [], 0, null),
            ["reply-Push"] = Push with { More = false },
            ["reply-Alive"] = new GossipMessage.Alive(8) { Rumours = Rumours },
            ["reply-Answer"] = new GossipMessage.Answer("""{"clock":""}"""u8.ToArray(), new byte[] { 6, 5 }),
        };
        foreach (var reason in Enum.GetValues<RefusalReason>()) replies.Add($"reply-Refused-{reason}", new GossipMessage.Refused(reason, $"for being {reason}"));
        return replies;
    }

    private static GossipEnvelope Call(GossipMessage message) => new(Wide, Jake, Gandalf, message);

    /// <summary>What a call is and says, line by line.</summary>
    public static IEnumerable<(string Name, string Value)> Describe(GossipEnvelope call) =>
        [("says", MessageText.Of(call)), ("bytes", Convert.ToHexStringLower(GossipCodec.EncodeCall(call)))];

    /// <summary>What a reply is and says, line by line.</summary>
    public static IEnumerable<(string Name, string Value)> Describe(GossipMessage reply) =>
        [("says", MessageText.Of(reply)), ("bytes", Convert.ToHexStringLower(GossipCodec.EncodeReply(reply)))];
}
