using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Small messages for tests that care about the way, not the content.</summary>
public static class Gossips
{
    public static GossipEnvelope Envelope(GossipMessage message) => new(7, new AgentId(1), new AgentId(2), message);

    public static GossipEnvelope Ask(ulong nonce, int bytes = 2) => Envelope(new GossipMessage.Ask(nonce, new byte[bytes]));

    public static GossipMessage.Push Push(int payloadBytes)
    {
        var drafts = new[] { new EventDraft("Kind", 1, new byte[payloadBytes]) };
        var segments = new ChainWriter(Hash.Of([1]), new ChainId(new AgentId(1), 1), new KeyedHashSigner(1)).Write(drafts, 0, default, [], [new HybridTime(1, 0)]);
        return new GossipMessage.Push(5, [new FrameSegment(segments[0], 2)], [new Want(new ChainId(new AgentId(3), 1), 1, 9)], true);
    }

    /// <summary>Answers every kind of call with something that shows what arrived.</summary>
    public static ValueTask<GossipMessage> Echo(GossipEnvelope call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<GossipMessage>(call.Message switch
        {
            GossipMessage.Syn syn => new GossipMessage.SynAck(syn.Incarnation, syn.Fingerprint, syn.Changed, [], syn.Nonce),
            GossipMessage.Push push => push,
            GossipMessage.Ask ask => new GossipMessage.Answer(ask.Content, BitConverter.GetBytes(ask.Nonce)),
            _ => new GossipMessage.Refused(RefusalReason.Malformed, call.Message.GetType().Name),
        });
    }
}
