using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Gossip;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Fuzz;

/// <summary>An engine that is sent spoiled calls of a real peer. Whatever it takes from them, the peer's real events still arrive.</summary>
internal sealed class FuzzedEngine
{
    private const int CallsMax = 200; // then a fresh pair: what one call did must not hide behind thousands of others

    private readonly KeyedHashSigner _root = new(1);
    private readonly KeyedHashSigner _peer = new(2);
    private LoneEngine _victim = null!;
    private LoneEngine _sender = null!;
    private int _calls;

    private FuzzedEngine() => Renew();

    public static FuzzTarget Target()
    {
        var engine = new FuzzedEngine();
        return FuzzTarget.Of("GossipEngine.Step", engine.Sound, engine.Call, typeof(MalformedMessageException));
    }

    private void Renew()
    {
        var held = LoneEngine.Found(_root, _peer);
        (_victim, _sender, _calls) = (new LoneEngine(held, _root, [_peer.Agent]), new LoneEngine(held, _peer, [_root.Agent]), 0);
        for (var batch = 1; batch <= 3; batch++) // the same each time: inputs kept from an earlier pair must not be a fork of this one's chain
        {
            _sender.Append([.. Enumerable.Range(0, batch).Select(number => LoneEngine.Note($"note {number}"))]);
            _sender.Commit();
        }

        _victim.Append(LoneEngine.Note("mine"));
        _victim.Commit();
    }

    private byte[] Sound(SplitMix64 random)
    {
        if (_calls > CallsMax) Renew();
        var frame = _sender.Batches.SelectMany(batch => batch.Segments).Select(stored => new FrameSegment(stored.Segment, 0));
        GossipMessage message = random.Below(2) == 0
            ? Syn()
            : new GossipMessage.Push(random.Next(), [.. frame], [new Want(new ChainId(_root.Agent, 1), 1, 1 + random.Below(9))], random.Below(2) == 0);
        return GossipCodec.EncodeCall(new GossipEnvelope(1, _peer.Agent, _root.Agent, message));
    }

    private GossipMessage Syn()
    {
        var call = _sender.Round().Single();
        _sender.Step(new GossipInput.CallFailed(call.CallId, "spoiled"));
        return _sender.Materialise(call.Message, call.Plan);
    }

    private void Call(byte[] bytes)
    {
        _calls++;
        if (GossipCodec.DecodeCall(bytes) is not DecodedCall.Readable { Envelope: var call } || call.Message is GossipMessage.Ask) return;
        _victim.Called(_peer.Agent, call.Message);
        _victim.Commit();
        if (_calls != CallsMax) return;
        _victim.Elapsed += TimeSpan.FromMinutes(10); // reservations for what was only promised run out
        _sender.Elapsed = _victim.Elapsed;
        for (var round = 0; round < 8; round++)
        {
            _sender.ExchangeWith(_victim);
            _victim.Commit();
        }

        Assert.Equal(_sender.Status.Clock[new ChainId(_peer.Agent, 1)], _victim.Status.Clock[new ChainId(_peer.Agent, 1)]);
    }
}
