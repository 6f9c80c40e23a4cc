using System.Reflection;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>Messages as version 1 sends them. If one of these fails, nodes of two builds no longer understand each other.</summary>
public class GoldenMessageTests
{
    // Fields 33 (two bytes) and 34 (a number) of a call, a reply, or whatever message they are put into.
    private static readonly byte[] UnknownFields = [0x8a, 0x02, 0x02, 0x07, 0x09, 0x90, 0x02, 0x05];

    public static TheoryData<string> Calls => [.. GoldenMessages.Calls.Keys];

    public static TheoryData<string> Replies => [.. GoldenMessages.Replies.Keys];

    [Fact]
    public void Every_kind_of_message_has_one()
    {
        var kinds = typeof(GossipMessage).GetNestedTypes(BindingFlags.Public).Where(kind => kind.IsSubclassOf(typeof(GossipMessage))).ToHashSet();
        Assert.Superset(kinds, GoldenMessages.Calls.Values.Select(call => call.Message.GetType()).Concat(GoldenMessages.Replies.Values.Select(reply => reply.GetType())).ToHashSet());
        Assert.Equal(Kinds<EventSourced.Wire.Format.Call.MessageOneofCase>(), GoldenMessages.Calls.Values.Select(call => call.Message.GetType().Name).Distinct().Order());
        Assert.Equal(Kinds<EventSourced.Wire.Format.Reply.MessageOneofCase>(), GoldenMessages.Replies.Values.Select(reply => reply.GetType().Name).Distinct().Order());
    }

    [Theory, MemberData(nameof(Calls))]
    public void A_call_is_the_same_to_the_byte_and_is_read_as_it_was(string name)
    {
        var now = GoldenMessages.Describe(GoldenMessages.Calls[name]).ToList();
        var lines = GoldenFile.Lines($"messages/{name}", now);
        Assert.Equal(lines, GoldenFile.Lines(now));
        byte[] bytes = Convert.FromHexString(GoldenFile.Value(lines, "bytes"));
        foreach (var sent in (byte[][])[bytes, [.. bytes, .. UnknownFields]])
        {
            var read = Assert.IsType<DecodedCall.Readable>(GossipCodec.DecodeCall(sent)).Envelope;
            Assert.Equal(lines, GoldenFile.Lines(GoldenMessages.Describe(read)));
        }
    }

    [Theory, MemberData(nameof(Replies))]
    public void A_reply_is_the_same_to_the_byte_and_is_read_as_it_was(string name)
    {
        var now = GoldenMessages.Describe(GoldenMessages.Replies[name]).ToList();
        var lines = GoldenFile.Lines($"messages/{name}", now);
        Assert.Equal(lines, GoldenFile.Lines(now));
        byte[] bytes = Convert.FromHexString(GoldenFile.Value(lines, "bytes"));
        foreach (var sent in (byte[][])[bytes, [.. bytes, .. UnknownFields]])
            Assert.Equal(lines, GoldenFile.Lines(GoldenMessages.Describe(GossipCodec.DecodeReply(sent))));
    }

    private static IEnumerable<string> Kinds<T>() where T : struct, Enum => Enum.GetNames<T>().Where(name => name != "None").Order();
}
