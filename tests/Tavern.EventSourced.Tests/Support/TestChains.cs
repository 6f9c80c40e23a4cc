using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Simulation;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A tavern that follows from a seed: a founder who vouches for every other author.</summary>
internal sealed class TestChains
{
    private readonly ulong _seed;
    private int _authors;

    public TestChains(ulong seed)
    {
        _seed = seed;
        var signer = NextSigner();
        Founder = new TestAuthor(tavern: null, signer, epoch: 1, vouchedBy: default);
        Founding = Founder.Next(EventCatalogue.Draft(new TavernFounded("Test", "jake", signer.PublicKey.ToArray(), [])));
    }

    public TestAuthor Founder { get; }

    /// <summary>The founder's first segment.</summary>
    public Segment Founding { get; }

    public Hash Tavern => Founding.HeadHash;

    /// <summary>An author and the segment of the founder that vouches for it.</summary>
    public (TestAuthor Author, Segment Spawn) Spawn(string name)
    {
        var signer = NextSigner();
        var spawn = Founder.Next(EventCatalogue.Draft(new AgentSpawned(signer.Agent, name, signer.PublicKey.ToArray())));
        return (new TestAuthor(Tavern, signer, epoch: 1, spawn.HeadHash), spawn);
    }

    /// <summary>An author nobody vouches for: enough for a store, which checks no spawn tree.</summary>
    public TestAuthor Author(int epoch = 1) => new(Tavern, NextSigner(), epoch, vouchedBy: default);

    private KeyedHashSigner NextSigner() => new(unchecked((_seed * 1_000) + (ulong)_authors++));
}

/// <summary>Writes one chain, or one line of a chain that has forked.</summary>
internal sealed class TestAuthor(Hash? tavern, KeyedHashSigner signer, int epoch, Hash vouchedBy, int branch = 0)
{
    private Hash? _tavern = tavern;
    private Hash _headHash = vouchedBy;

    public ChainId Chain { get; } = new(signer.Agent, epoch, branch);

    public KeyedHashSigner Signer { get; } = signer;

    public long Head { get; private set; }

    public EventId HeadId => Chain[Head];

    public Hash HeadHash => _headHash;

    /// <summary>The same agent at the same place, about to write another line.</summary>
    public TestAuthor Line(int branch) => new(_tavern, Signer, Chain.Epoch, _headHash, branch) { Head = Head };

    /// <summary>The same agent's next chain.</summary>
    public TestAuthor NextEpoch() => new(_tavern, Signer, Chain.Epoch + 1, _headHash);

    /// <summary>The next segment, with as many small records.</summary>
    public Segment Next(int records = 1) => Next([.. Enumerable.Range(1, records).Select(i => Note(Text(Head + i)))]);

    /// <summary>The next segment.</summary>
    public Segment Next(params EventDraft[] drafts)
    {
        var segment = Write(drafts, []);
        _tavern ??= segment.HeadHash;
        (Head, _headHash) = (segment.Last, segment.HeadHash);
        return segment;
    }

    /// <summary>The next segment, after foreign events were delivered.</summary>
    public Segment NextAfter(params IEnumerable<TestAuthor> others) => NextAfter(others, records: 1);

    /// <summary>The same, with as many small records.</summary>
    public Segment NextAfter(IEnumerable<TestAuthor> others, int records)
    {
        var heads = others.Where(other => other.Head > 0 && other.Chain != Chain).OrderBy(other => other.Chain)
            .Select(other => (other.HeadId, other.HeadHash));
        var segment = Write([.. Enumerable.Range(1, records).Select(i => Note(Text(Head + i)))], [.. heads]);
        (Head, _headHash) = (segment.Last, segment.HeadHash);
        return segment;
    }

    /// <summary>What could have been next instead: same places, other records. The chain itself does not move.</summary>
    public Segment Fork(int records = 1, string text = "another story") =>
        Write([.. Enumerable.Range(1, records).Select(i => Note($"{text} {i}"))], []);

    public static EventDraft Note(string text) => new("Note", 1, Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));

    private string Text(long sequence) => Chain.Branch == 0 ? $"event {sequence}" : $"event {sequence} on line {Chain.Branch}";

    private Segment Write(IReadOnlyList<EventDraft> drafts, IReadOnlyList<(EventId, Hash)> deps)
    {
        HybridTime[] times = [.. drafts.Select((_, i) => new HybridTime(1_767_225_600_000 + Head + i, 0))];
        return new ChainWriter(_tavern, Chain.Main, Signer).Write(drafts, Head, _headHash, deps, times).Single().InBranch(Chain.Branch);
    }
}
