using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Fuzz;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>For a <see cref="TamperedTransport"/>: a line that spoils the bytes of some calls and answers (bits flipped, cut off, hostile
/// lengths), as a broken network card would. What still decodes goes on as it is.</summary>
public sealed class SpoiledLine(ulong seed, int oneIn)
{
    private readonly SplitMix64 _random = new(seed);
    private readonly Lock _lock = new();
    private int _unreadable;
    private int _changed;

    /// <summary>Messages that could not be read any more.</summary>
    public int Unreadable => Volatile.Read(ref _unreadable);

    /// <summary>Messages that could be read and were not what was sent.</summary>
    public int Changed => Volatile.Read(ref _changed);

    /// <summary>Passes a call on over this line.</summary>
    public async ValueTask<GossipMessage> PassAsync(GossipEnvelope call, TamperedTransport.Pass pass)
    {
        var arrived = Spoil(GossipCodec.EncodeCall(call), bytes => GossipCodec.DecodeCall(bytes) is DecodedCall.Readable readable ? readable.Envelope : throw new MalformedMessageException("Another version."));
        return Spoil(GossipCodec.EncodeReply(await pass(arrived)), bytes => GossipCodec.DecodeReply(bytes));
    }

    private T Spoil<T>(byte[] bytes, Func<byte[], T> decode)
    {
        byte[] spoiled;
        lock (_lock) spoiled = _random.Below(oneIn) == 0 ? Mutation.Of(_random, bytes, [bytes]) : bytes;
        try
        {
            var message = decode(spoiled);
            if (!spoiled.AsSpan().SequenceEqual(bytes)) Interlocked.Increment(ref _changed);
            return message;
        }
        catch (MalformedMessageException e)
        {
            Interlocked.Increment(ref _unreadable);
            throw new TransportException(e.Message, e);
        }
    }
}
