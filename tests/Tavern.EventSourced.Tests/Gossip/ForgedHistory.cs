using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>A random history of which some segments were replaced by bad ones, some are missing, and some have forgeries beside them;
/// and by brute force what of it can be delivered. No writer tells two stories in one place: then the first that comes would count.</summary>
internal sealed class ForgedHistory
{
    private readonly Dictionary<AgentId, KeyedHashSigner> _keys = [];
    private readonly TestTavern _tavern;
    private readonly SplitMix64 _random;

    public ForgedHistory(ulong seed, int receivers)
    {
        _random = new SplitMix64(seed);
        _tavern = new TestTavern(seed, random =>
        {
            var key = new KeyedHashSigner(random.Next());
            return _keys[key.Agent] = key;
        });
        Receivers = [.. Enumerable.Range(0, receivers).Select(i => _keys[_tavern.Jake.Spawn($"receiver{i}").Id])];
        Held = [.. _tavern.Segments];
        Write();
        foreach (var segment in _tavern.Segments.Skip(Held.Length)) Offered.AddRange(Tampered(segment));
    }

    /// <summary>What every receiver starts with.</summary>
    public ImmutableArray<Segment> Held { get; }

    public ImmutableArray<KeyedHashSigner> Receivers { get; }

    public AgentId Jake => _tavern.Jake.Id;

    /// <summary>All that is offered, good and bad; the good in an order in which causes come first.</summary>
    public List<Segment> Offered { get; } = [];

    /// <summary>What was done to which segments, for messages.</summary>
    public List<string> Tampers { get; } = [];

    /// <summary>All that can be delivered, by brute force: every segment whose writer is vouched for, who signed it, which
    /// continues its chain, and whose dependencies are there with the hashes it names.</summary>
    public Dictionary<EventId, Hash> Closure()
    {
        var (delivered, spawned) = (new Dictionary<EventId, Hash>(), new Dictionary<Hash, AgentId>());
        foreach (var segment in Held) Deliver(segment);
        for (var before = -1; before != delivered.Count;)
        {
            before = delivered.Count;
            foreach (var segment in Offered)
                if (IsDeliverable(segment)) Deliver(segment);
        }

        return delivered;

        void Deliver(Segment segment)
        {
            foreach (var record in segment.Records)
            {
                delivered[record.Id] = record.Hash;
                if (EventCatalogue.TryRead(record, out var body) && body is AgentSpawned spawn) spawned[record.Hash] = spawn.Agent;
            }
        }

        bool IsDeliverable(Segment segment)
        {
            var first = segment.Records[0];
            var continues = segment.First == 1
                ? spawned.TryGetValue(first.Header.Previous, out var agent) && agent == segment.Chain.Agent
                : delivered.TryGetValue(segment.Chain[segment.First - 1], out var previous) && previous == first.Header.Previous;
            return continues
                && IsAuthentic(segment)
                && segment.Dependencies.All(delivered.ContainsKey)
                && (first.Header.Deps is not { } deps || deps.Heads.Select(head => delivered[head].Prefix).SequenceEqual(deps.HeadHashes));
        }
    }

    private bool IsAuthentic(Segment segment) =>
        segment.IsSignedBy(_keys[segment.Chain.Agent].PublicKey.Span, _tavern.Id!.Value, new KeyedHashVerifier());

    private void Write()
    {
        var writers = new List<TestAgent> { _tavern.Jake };
        for (var step = 0; step < 40; step++)
        {
            var writer = writers[_random.Below(writers.Count)];
            if (_random.Below(3) == 0) writer.Hear(writers[_random.Below(writers.Count)], 1 + _random.Below(6));
            else if (writers.Count < 6 && _random.Below(4) == 0) writers.Add(writer.Spawn($"writer{writers.Count}"));
            else writer.Write([.. Enumerable.Range(0, 1 + _random.Below(3)).Select(i => new DiscoveryShared($"{step}.{i}"))]);
        }
    }

    /// <summary>The segment, or what stands in its place, and what is offered beside it.</summary>
    private Segment[] Tampered(Segment segment)
    {
        var kind = _random.Below(20);
        if (kind <= 9) Tampers.Add($"{kind} at {segment.Chain}:{segment.First}..{segment.Last}");
        return Tampered(segment, kind);
    }

    private Segment[] Tampered(Segment segment, int kind) => kind switch
    {
        0 => [], // never comes: its writer may stay unknown for ever
        1 when IsLast(segment) => [new Segment(segment.Records, Junk())], // below others of its chain a later signature may vouch for it
        2 => [Rewritten(segment, header => header with { Previous = Hash.Of("elsewhere"u8) }, Author(segment))],
        3 => [Rewritten(segment, header => header with { Deps = new Dependencies([_tavern.Jake.Chain[1]], [Hash.Of("wrong"u8).Prefix]) }, Author(segment))],
        4 => [segment, new Segment(segment.Records, Junk())],
        5 => [new Segment(segment.Records, Junk()), segment],
        6 => [segment, Rewritten(segment, header => header with { Time = new HybridTime(5, 5) }, Stranger())],
        7 => [Rewritten(segment, header => header with { Deps = new Dependencies([new EventId(segment.Chain.Agent, 1, segment.Last + 90)], [default]) }, Stranger()), segment],
        8 => [segment, Rewritten(segment, header => header with { Previous = Hash.Of("elsewhere"u8) }, Stranger())],
        9 when segment.Records.Length > 1 => [segment, Cut(segment, 0, 1), Cut(segment, 1, segment.Records.Length)],
        _ => [segment],
    };

    private bool IsLast(Segment segment) => !_tavern.Segments.Exists(other => other.Chain == segment.Chain && other.First > segment.First);

    /// <summary>The same records, signed by their writer in another place too.</summary>
    private Segment Cut(Segment segment, int from, int to)
    {
        var last = segment.Records[to - 1];
        return new Segment(segment.Records[from..to], Author(segment).Sign(Segment.SignedContent(_tavern.Id!.Value, last.Id, last.Hash)));
    }

    /// <summary>Another record in the place of a segment's first, signed by somebody.</summary>
    private Segment Rewritten(Segment segment, Func<EventHeader, EventHeader> change, KeyedHashSigner signer)
    {
        var record = EventRecord.Create(change(segment.Records[0].Header), segment.Records[0].Payload);
        return new Segment([record], signer.Sign(Segment.SignedContent(_tavern.Id!.Value, record.Id, record.Hash)));
    }

    private KeyedHashSigner Author(Segment segment) => _keys[segment.Chain.Agent];

    private KeyedHashSigner Stranger() => new(_random.Next());

    private byte[] Junk() => Stranger().Sign("junk"u8);
}
