using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Simulation;

/// <summary>Counts what travels between agents of a simulation, in messages and in bytes as the wire format has them.</summary>
public sealed class Traffic
{
    private readonly UInt128 _tavern;

    internal Traffic(Hash tavern) => _tavern = GossipEnvelope.TavernTag(tavern);

    /// <summary>Exchanges started.</summary>
    public long Exchanges { get; private set; }

    /// <summary>Exchanges that ended with the first answer, because both agents had the same.</summary>
    public long IdleExchanges { get; private set; }

    /// <summary>Calls and answers sent between nodes, lost ones included.</summary>
    public long Messages { get; private set; }

    /// <summary>Bytes of these.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of the largest idle exchange, call and answer together, of those in which the caller had nothing new to
    /// tell and did not compare all by hash, as every 64th does.</summary>
    public int IdleBytesMax { get; private set; }

    /// <summary>Events whose bodies arrived, counted at every arrival.</summary>
    public long PayloadCopies { get; private set; }

    /// <summary>The same between agents of one node: no bytes were copied.</summary>
    public long LocalCopies { get; private set; }

    /// <summary>Pages of full clocks sent.</summary>
    public long ClockPages { get; private set; }

    /// <summary>What each agent sent and received, by number.</summary>
    internal List<Load> Loads { get; } = [];

    /// <summary>How often each agent was called, by number.</summary>
    internal List<long> CallsTo { get; } = [];

    /// <summary>A call leaves; its size in bytes, 0 between agents of one node.</summary>
    internal int Call(SimulatedAgent from, SimulatedAgent to, GossipMessage message, bool local)
    {
        if (message is GossipMessage.Syn syn)
        {
            Exchanges++;
            if (syn.Page is not null) ClockPages++;
        }

        while (CallsTo.Count <= to.Number) CallsTo.Add(0);
        CallsTo[to.Number]++;
        if (local) return 0;
        return Send(from, to, GossipCodec.EncodeCall(new GossipEnvelope(_tavern, from.Id, to.Id, message)).Length);
    }

    /// <summary>A call as it arrives: encoded and decoded again.</summary>
    internal GossipMessage Decoded(SimulatedAgent from, SimulatedAgent to, GossipMessage message) =>
        GossipCodec.DecodeCall(GossipCodec.EncodeCall(new GossipEnvelope(_tavern, from.Id, to.Id, message))) is DecodedCall.Readable(var envelope)
            ? envelope.Message
            : throw new InvalidOperationException($"A call from {from} to {to} cannot be read: {message}.");

    /// <summary>An answer leaves; its size in bytes.</summary>
    internal int Answer(SimulatedAgent from, SimulatedAgent to, GossipMessage message, GossipMessage call, int callBytes)
    {
        var bytes = GossipCodec.EncodeReply(message).Length;
        if (message is GossipMessage.SynAck ack && call is GossipMessage.Syn syn && ack.Fingerprint == syn.Fingerprint)
        {
            IdleExchanges++;
            if (syn is { Changed.IsEmpty: true, Nonce: 0 }) IdleBytesMax = Math.Max(IdleBytesMax, callBytes + bytes);
        }

        return Send(from, to, bytes);
    }

    /// <summary>A message arrived.</summary>
    internal void Arrived(GossipMessage message, bool local)
    {
        if (message is not GossipMessage.Push push) return;
        var copies = push.Frame.Sum(item => item.Segment.Records.Length);
        PayloadCopies += copies;
        if (local) LocalCopies += copies;
    }

    private int Send(SimulatedAgent from, SimulatedAgent to, int bytes)
    {
        Messages++;
        Bytes += bytes;
        Handle(from, bytes);
        Handle(to, bytes);
        return bytes;
    }

    private void Handle(SimulatedAgent agent, int bytes)
    {
        while (Loads.Count <= agent.Number) Loads.Add(default);
        Loads[agent.Number] = Loads[agent.Number].Plus(bytes);
    }
}

/// <summary>What one agent or node had to handle: messages sent and received, and their bytes.</summary>
internal readonly record struct Load(long Messages, long Bytes)
{
    /// <summary>One message more.</summary>
    public Load Plus(int bytes) => new(Messages + 1, Bytes + bytes);
}
