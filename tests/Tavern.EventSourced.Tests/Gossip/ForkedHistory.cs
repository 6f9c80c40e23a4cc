using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>A random history of honest writers and of liars who sign several lines: from any record of theirs on, forks of forks and at the very first
/// record among them, and the same records in several cuts. Everybody may build on any record. Beside it what of it can be delivered, by brute force,
/// and forgeries that must not count.</summary>
internal sealed class ForkedHistory
{
    private readonly SplitMix64 _random;
    private readonly List<Author> _authors = [];
    private readonly List<EventRecord> _records = []; // all that may be built on

    public ForkedHistory(ulong seed, int hearers, int liars)
    {
        _random = new SplitMix64(seed);
        var root = new KeyedHashSigner(_random.Next());
        Hearers = [.. Enumerable.Range(0, hearers).Select(_ => new KeyedHashSigner(_random.Next()))];
        var writers = Enumerable.Range(0, liars + 2).Select(_ => new KeyedHashSigner(_random.Next())).ToArray();
        Held = LoneEngine.Found(root, [.. Hearers, .. writers]);
        Tavern = LoneEngine.TavernOf(Held);
        _records.AddRange(Held.SelectMany(segment => segment.Records));
        for (var i = 0; i < writers.Length; i++) _authors.Add(new Author(writers[i], i < liars ? 2 + _random.Below(3) : 1, Held.SelectMany(segment => segment.Records).ElementAt(1 + hearers + i).Hash));
        for (var step = 0; step < 40; step++) Write(_authors[_random.Below(_authors.Count)]);
        foreach (var segment in Authentic.ToArray()) Tamper(segment);
    }

    public Hash Tavern { get; }

    /// <summary>Agents that write nothing here.</summary>
    public ImmutableArray<KeyedHashSigner> Hearers { get; }

    /// <summary>What everybody starts with.</summary>
    public ImmutableArray<Segment> Held { get; }

    /// <summary>Signed by their writers; causes first.</summary>
    public List<Segment> Authentic { get; } = [];

    /// <summary>All that is offered: the authentic (but for what never comes), other cuts of them, forgeries.</summary>
    public List<Segment> Offered { get; } = [];

    /// <summary>Chains of which two records in one place can be delivered.</summary>
    public HashSet<ChainId> Forked(IReadOnlySet<Hash> delivered) =>
    [
        .. Authentic.SelectMany(segment => segment.Records).Where(record => delivered.Contains(record.Hash))
            .GroupBy(record => record.Id).Where(same => same.DistinctBy(record => record.Hash).Count() > 1).Select(same => same.Key.Chain),
    ];

    /// <summary>By brute force: every record whose predecessor and dependencies, by hash, can be delivered, in a segment that its writer signed.</summary>
    public HashSet<Hash> Closure()
    {
        var delivered = Held.SelectMany(segment => segment.Records).Select(record => record.Hash).ToHashSet();
        for (var before = -1; before != delivered.Count;)
        {
            before = delivered.Count;
            foreach (var record in Offered.Where(IsAuthentic).SelectMany(segment => segment.Records))
            {
                var needed = (record.Header.Deps?.HeadHashes ?? []).Append(record.Header.Previous.Prefix);
                if (needed.All(hash => delivered.Any(held => held.Prefix == hash))) delivered.Add(record.Hash);
            }
        }

        return delivered;
    }

    private bool IsAuthentic(Segment segment) =>
        _authors.Find(author => author.Key.Agent == segment.Chain.Agent) is { } author && segment.IsSignedBy(author.Key.PublicKey.Span, Tavern, new KeyedHashVerifier());

    private void Write(Author author)
    {
        var line = author.Line(_random);
        var dependencies = Enumerable.Range(0, _random.Below(3)).Select(_ => _records[_random.Below(_records.Count)])
            .Where(record => record.Id.Agent != author.Key.Agent).DistinctBy(record => record.Hash).Select(record => (record.Id, record.Hash)).ToList();
        var drafts = Enumerable.Range(0, 1 + _random.Below(3)).Select(_ => LoneEngine.Note($"{_random.Next()}")).ToArray();
        var segment = new ChainWriter(Tavern, author.Chain, author.Key).Write(drafts, line.Head, line.Hash, dependencies, [.. drafts.Select(_ => default(HybridTime))])[0];
        author.Wrote(line, segment);
        _records.AddRange(segment.Records);
        Authentic.Add(segment);
    }

    private void Tamper(Segment segment)
    {
        var kind = _random.Below(14);
        if (kind != 0) Offered.Add(segment); // 0: it never comes
        if (kind == 1) Offered.Insert(_random.Below(Offered.Count), new Segment(segment.Records, new KeyedHashSigner(_random.Next()).Sign("junk"u8)));
        if (kind == 2) Offered.Add(Forged(segment));
        if (kind is 3 or 4 && _authors.Find(author => author.Key.Agent == segment.Chain.Agent) is { LinesMax: > 1 } liar) Offered.AddRange(Cuts(segment, liar));
    }

    /// <summary>The same records cut in other places by their writer: two parts, and the second part together with the segment after it.</summary>
    private IEnumerable<Segment> Cuts(Segment segment, Author liar)
    {
        var next = Authentic.Find(other => other.Chain == segment.Chain && other.Records[0].Header.Previous == segment.HeadHash && other.Records[0].Header.Deps is null);
        if (segment.Records.Length > 1)
        {
            if (_random.Below(2) == 0) yield return Signed(liar, segment.Records[..1]);
            if (next is null || _random.Below(2) == 0) yield return Signed(liar, segment.Records[1..]);
        }

        if (next is not null) yield return Signed(liar, [.. segment.Records[^1].Header.Deps is null ? segment.Records[^1..] : segment.Records, .. next.Records]);
    }

    private Segment Signed(Author author, ImmutableArray<EventRecord> records) =>
        new(records, author.Key.Sign(Segment.SignedContent(Tavern, records[^1].Id, records[^1].Hash)));

    /// <summary>Another record in the same place, by somebody else.</summary>
    private Segment Forged(Segment segment)
    {
        var record = EventRecord.Create(segment.Records[0].Header with { Time = new HybridTime(5, 5) }, segment.Records[0].Payload);
        return new Segment([record], new KeyedHashSigner(_random.Next()).Sign(Segment.SignedContent(Tavern, record.Id, record.Hash)));
    }

    /// <summary>A writer, with the ends of its lines.</summary>
    private sealed class Author(KeyedHashSigner key, int linesMax, Hash voucher)
    {
        private readonly List<(long Head, Hash Hash)> _lines = [(0, voucher)];
        private readonly List<(long Head, Hash Hash)> _places = [(0, voucher)];

        public KeyedHashSigner Key { get; } = key;

        public ChainId Chain { get; } = new(key.Agent, 1);

        public int LinesMax { get; } = linesMax;

        /// <summary>A line to write on: one of those there are, or a new one from any record on.</summary>
        public (long Head, Hash Hash) Line(SplitMix64 random)
        {
            if (_lines.Count < LinesMax && _places.Count > 2 && random.Below(3) == 0) _lines.Add(_places[random.Below(_places.Count)]);
            return _lines[random.Below(_lines.Count)];
        }

        public void Wrote((long Head, Hash Hash) line, Segment segment)
        {
            _lines[_lines.IndexOf(line)] = (segment.Last, segment.HeadHash);
            _places.AddRange(segment.Records.Select(record => (record.Id.Sequence, record.Hash)));
        }
    }
}
