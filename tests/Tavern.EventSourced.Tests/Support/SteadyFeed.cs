using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>What one node hears of a tavern at work: agents take turns at random, each writes a small segment that depends on the tips of what
/// it had heard by then, a few segments late. Keeps nothing of what it made. Same seed, same history.</summary>
internal sealed class SteadyFeed
{
    private readonly SplitMix64 _random;
    private readonly List<Writer> _writers = [];
    private readonly List<(Segment Segment, int Writer)> _recent = []; // those that somebody has not heard yet
    private readonly Hash _tavern;
    private readonly int _late;
    private int _gone; // segments before those

    /// <param name="seed">Draws who writes and how late each hears.</param>
    /// <param name="agents">How many write, from 1.</param>
    /// <param name="newSigner">Makes their keys.</param>
    public SteadyFeed(ulong seed, int agents, Func<SplitMix64, IAgentSigner> newSigner)
    {
        (_random, _late) = (new SplitMix64(seed), 2 * agents);
        var root = newSigner(_random);
        var founding = EventCatalogue.Draft(new TavernFounded("steady", "agent0", root.PublicKey.ToArray(), [1]));
        _writers.Add(new Writer(root, default));
        Beginning.Add(_writers[0].Write(default, [founding]));
        _tavern = Beginning[0].HeadHash;
        for (var i = 1; i < agents; i++)
        {
            var signer = newSigner(_random);
            var spawned = new AgentSpawned(AgentId.FromPublicKey(signer.PublicKey.Span), $"agent{i}", signer.PublicKey.ToArray());
            Beginning.Add(_writers[0].Write(_tavern, [EventCatalogue.Draft(spawned)]));
            _writers.Add(new Writer(signer, Beginning[^1].HeadHash));
        }
    }

    /// <summary>The founding and the spawns, each a segment.</summary>
    public List<Segment> Beginning { get; } = [];

    /// <summary>The agents; the first founded the tavern.</summary>
    public IEnumerable<AgentId> Agents => _writers.Select(writer => writer.Agent);

    /// <summary>The next segment, decoded as one that came over the network: <paramref name="records"/> discoveries of some 200 bytes.</summary>
    public Segment Next(int records)
    {
        var number = _random.Below(_writers.Count);
        var writer = _writers[number];
        for (var until = Math.Max(writer.Heard, _gone + _recent.Count - _random.Below(_late)); writer.Heard < until; writer.Heard++)
            if (_recent[writer.Heard - _gone] is var heard && heard.Writer != number) writer.Hear(heard.Segment);
        var segment = writer.Write(_tavern, [.. Enumerable.Range(0, records).Select(_ => Draft())]);
        _recent.Add((segment, number));
        Forget(_writers.Min(other => other.Heard) - _gone);
        return new Segment([.. segment.Records.Select(record => EventRecord.Parse(record.HeaderBytes.ToArray(), record.Payload.ToArray()))], segment.Signature);
    }

    /// <summary>Drops what all have heard, now and then.</summary>
    private void Forget(int known)
    {
        if (known < _recent.Count / 2) return;
        _recent.RemoveRange(0, known);
        _gone += known;
    }

    private EventDraft Draft() => new(nameof(DiscoveryShared), 1, Encoding.UTF8.GetBytes($$"""{"text":"{{_random.Next():x16}}{{new string('.', 164)}}"}"""));

    private sealed class Writer(IAgentSigner signer, Hash vouchedBy)
    {
        private readonly SortedDictionary<ChainId, (EventId Id, Hash Hash)> _tips = [];
        private Hash _headHash = vouchedBy;
        private long _head;

        public AgentId Agent { get; } = AgentId.FromPublicKey(signer.PublicKey.Span);

        /// <summary>Segments of the feed that it looked at.</summary>
        public int Heard { get; set; }

        public void Hear(Segment segment)
        {
            foreach (var covered in segment.Dependencies)
                if (_tips.TryGetValue(covered.Chain, out var tip) && tip.Id.Sequence <= covered.Sequence) _tips.Remove(covered.Chain);
            _tips[segment.Chain] = (segment.Records[^1].Id, segment.HeadHash);
        }

        public Segment Write(Hash tavern, EventDraft[] drafts)
        {
            var chain = new ChainWriter(tavern == default ? null : tavern, new ChainId(Agent, 1), signer);
            HybridTime[] times = [.. drafts.Select((_, i) => new HybridTime(1_000_000 + _head + i, 0))];
            var segment = chain.Write(drafts, _head, _headHash, [.. _tips.Values], times).Single();
            _tips.Clear();
            (_head, _headHash) = (segment.Last, segment.HeadHash);
            return segment;
        }
    }
}
