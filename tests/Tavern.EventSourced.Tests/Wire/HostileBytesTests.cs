using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Wire;

public class HostileBytesTests
{
    private const int Seeds = 400;

    [Fact]
    public void Flipped_bits_are_read_or_refused_and_nothing_else() => Each((random, bytes) =>
    {
        for (var flips = 1 + random.Below(4); flips > 0; flips--) bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
        return bytes;
    });

    [Fact]
    public void Cut_off_bytes_are_read_or_refused_and_nothing_else() => Each((random, bytes) => bytes[..random.Below(bytes.Length)]);

    [Fact]
    public void Spliced_bytes_are_read_or_refused_and_nothing_else() => Each((random, bytes) =>
    {
        var (at, from) = (random.Below(bytes.Length), random.Below(bytes.Length));
        return [.. bytes[..at], .. bytes[from..]];
    });

    [Fact]
    public void Hostile_lengths_are_read_or_refused_and_nothing_else() => Each((random, bytes) =>
    {
        var at = random.Below(bytes.Length);
        ReadOnlySpan<byte> length = [0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(), (byte)random.Next()];
        return [.. bytes[..at], .. length[..(1 + random.Below(6))], .. bytes[at..]];
    });

    [Fact]
    public void Random_bytes_are_read_or_refused_and_nothing_else() => Each((random, _) =>
    {
        var bytes = new byte[random.Below(300)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next();
        return bytes;
    });

    [Fact]
    public void A_message_of_tiny_entries_is_refused_before_memory_is_spent_on_it()
    {
        var bytes = new byte[GossipEnvelope.MessageBytesMax];
        var length = bytes.Length - 4; // field 6 (Syn) over the rest, full of empty claims
        (bytes[0], bytes[1], bytes[2], bytes[3]) = (0x32, (byte)(length | 0x80), (byte)(length >> 7 | 0x80), (byte)(length >> 14));
        for (var i = 4; i < bytes.Length; i += 2) bytes[i] = 0x22;
        Assert.Throws<MalformedMessageException>(() => GossipCodec.DecodeCall(bytes)); // once for what is made on first use
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedMessageException>(() => GossipCodec.DecodeCall(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    private static void Each(Func<SplitMix64, byte[], byte[]> spoil)
    {
        for (var seed = 0UL; seed < Seeds; seed++)
        {
            var random = new SplitMix64(seed);
            var messages = new RandomMessages(random);
            var (call, reply) = (GossipCodec.EncodeCall(messages.Call()), GossipCodec.EncodeReply(messages.Reply()));
            for (var turn = 0; turn < 10; turn++)
            {
                Decode(seed, spoil(random, [.. call]), bytes => GossipCodec.DecodeCall(bytes));
                Decode(seed, spoil(random, [.. reply]), bytes => GossipCodec.DecodeReply(bytes));
            }
        }
    }

    private static void Decode(ulong seed, byte[] bytes, Action<byte[]> decode)
    {
        try
        {
            decode(bytes);
        }
        catch (MalformedMessageException)
        {
            // Refused, with a reason.
        }
        catch (Exception e)
        {
            Assert.Fail($"Seed {seed}: {Convert.ToHexStringLower(bytes)} threw {e}");
        }
    }
}
