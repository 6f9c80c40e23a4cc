using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Engines on nodes of their own that call each other in rounds, every message encoded and decoded on its way.</summary>
internal sealed class ForkNetwork(IReadOnlyList<LoneEngine> engines)
{
    private readonly Dictionary<AgentId, LoneEngine> _byId = engines.ToDictionary(engine => engine.Id);

    /// <summary>Pushes that carried segments.</summary>
    public int Frames { get; private set; }

    /// <summary>Bytes of the largest exchange that found both sides equal.</summary>
    public int IdleBytesMax { get; private set; }

    /// <summary>True when all have delivered the same records.</summary>
    public bool HasConverged =>
        engines.Select(engine => engine.Status.LogLength).Distinct().Count() == 1 && engines.Skip(1).All(engine => engine.Delivered().SetEquals(engines[0].Delivered()));

    public void Round()
    {
        foreach (var engine in engines)
        {
            var calls = new Queue<GossipEffect.Call>(engine.Round());
            while (calls.TryDequeue(out var call))
            {
                var message = OnTheWire(engine.Id, call.To, engine.Materialise(call.Message, call.Plan), out var asked);
                var reply = GossipCodec.EncodeReply(_byId[call.To].Called(engine.Id, message));
                var answer = GossipCodec.DecodeReply(reply);
                Frames += new[] { message, answer }.Count(one => one is GossipMessage.Push { Frame.IsEmpty: false });
                if (message is GossipMessage.Syn syn && answer is GossipMessage.SynAck ack && syn.Fingerprint == ack.Fingerprint && syn.Nonce == 0 && syn.Rumours.IsEmpty && ack.Rumours.IsEmpty)
                    IdleBytesMax = Math.Max(IdleBytesMax, syn.Changed.IsEmpty ? asked + reply.Length : 0);
                foreach (var next in engine.Step(new GossipInput.Answered(call.CallId, answer)).OfType<GossipEffect.Call>()) calls.Enqueue(next);
            }
        }

        foreach (var engine in engines) engine.Commit();
    }

    /// <summary>Rounds until all agree; how many it took, or -1 when <paramref name="roundsMax"/> were not enough.</summary>
    public int RoundsUntilConverged(int roundsMax)
    {
        for (var round = 1; round <= roundsMax; round++)
        {
            Round();
            if (HasConverged) return round;
        }

        return -1;
    }

    private static GossipMessage OnTheWire(AgentId from, AgentId to, GossipMessage message, out int bytes)
    {
        var encoded = GossipCodec.EncodeCall(new GossipEnvelope(7, from, to, message));
        bytes = encoded.Length;
        return ((DecodedCall.Readable)GossipCodec.DecodeCall(encoded)).Envelope.Message;
    }
}
