using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Messages of every kind with every field at its edges now and then. One seed, one sequence of messages.</summary>
public sealed class RandomMessages(SplitMix64 random)
{
    public GossipEnvelope Call() => new(Wide(), Agent(), Agent(), random.Below(4) switch
    {
        0 => Syn(),
        1 => Push(),
        2 => new GossipMessage.Probe(Number(), random.Below(2) == 0 ? null : Agent()) { Rumours = Many(3, Rumour) },
        _ => new GossipMessage.Ask(Number(), Bytes(200)),
    });

    public GossipMessage Reply() => random.Below(5) switch
    {
        0 => new GossipMessage.SynAck(Number(), Wide(), Many(6, Claim), Many(6, Want), Number(), random.Below(2) == 0 ? null : Hash.Of(Bytes(9).Span))
        {
            Rumours = Many(3, Rumour),
            Room = Room(),
        },
        1 => Push(),
        2 => new GossipMessage.Alive(Number()) { Rumours = Many(3, Rumour) },
        3 => new GossipMessage.Answer(Bytes(200), Bytes(WireBytes)),
        _ => new GossipMessage.Refused((RefusalReason)random.Below(7), new string('é', random.Below(40))),
    };

    private const int WireBytes = 72;

    private GossipMessage.Syn Syn()
    {
        ClockPage? page = null;
        if (random.Below(2) == 0)
        {
            var entries = Many(8, Claim).SelectMany(claim => random.Below(3) == 0 ? [claim, claim with { Term = Wide() }] : new[] { claim }).Distinct().Order().ToImmutableArray();
            page = random.Below(2) == 0 || entries.Length < 2
                ? new ClockPage(null, null, entries)
                : new ClockPage(entries[0], entries[^1], entries[1..]);
        }

        return new GossipMessage.Syn(Number(), Number(), Wide(), Many(8, Claim), page, Number()) { Rumours = Many(3, Rumour) };
    }

    private GossipMessage.Push Push() =>
        new(Number(), Many(4, () => new FrameSegment(Segment(), random.Below(3) == 0 ? 0 : random.Below(65_536))), Many(4, Want), random.Below(2) == 0) { Room = Room() };

    public Segment Segment()
    {
        var chain = Chain();
        var drafts = Enumerable.Range(0, 1 + random.Below(3))
            .Select(_ => new EventDraft("Kind" + random.Below(9), 1 + random.Below(3), Bytes(100)) { Causes = Many(3, Event), TraceParent = random.Below(2) == 0 ? null : "00-ab-cd-01" })
            .ToArray();
        var dependencies = Many(4, Event).DistinctBy(head => head.Chain).OrderBy(head => head.Chain).Select(head => (head, Hash.Of(Bytes(5).Span))).ToArray();
        return new ChainWriter(Hash.Of(Bytes(5).Span), chain, new KeyedHashSigner(random.Next())).Write(
            drafts, random.Below(1000), Hash.Of(Bytes(5).Span), dependencies, [.. drafts.Select(_ => new HybridTime(random.Below(int.MaxValue), random.Below(3)))])[0];
    }

    private AgentId Agent() => new(Wide());

    private ChainId Chain() => new(Agent(), random.Below(3) == 0 ? 1 + random.Below(int.MaxValue - 1) : 1);

    private EventId Event() => Chain()[1 + random.Below(5000)];

    private ClockClaim Claim() => random.Below(4) == 0 ? new ClockClaim(Chain(), 0, 0) : new ClockClaim(Chain(), (long)(random.Next() >> 1), Wide());

    private Want Want()
    {
        var first = 1 + random.Below(1000);
        var last = first + (random.Below(4) == 0 ? long.MaxValue - 1000 : random.Below(100));
        return random.Below(2) == 0 ? new Want(Chain(), first, last) : new Want(Chain(), first, last, Wide()) { Points = Many(5, () => new HeldPoint(1 + random.Below(5000), Wide())) };
    }

    private Rumour Rumour() => new(Agent(), (Liveness)random.Below(3), Number(), Agent());

    private int Room() => random.Below(2) == 0 ? 0 : random.Below(int.MaxValue);

    private ulong Number() => random.Below(4) == 0 ? 0 : random.Next();

    private UInt128 Wide() => random.Below(8) == 0 ? (UInt128)random.Below(2) : new UInt128(random.Next(), random.Next());

    private ReadOnlyMemory<byte> Bytes(int max)
    {
        var bytes = new byte[random.Below(max + 1)];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next();
        return bytes;
    }

    private ImmutableArray<T> Many<T>(int max, Func<T> make) => [.. Enumerable.Range(0, random.Below(max + 1)).Select(_ => make())];
}
