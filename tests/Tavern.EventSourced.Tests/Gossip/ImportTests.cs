using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Simulation;
using Tavern.EventSourced.Tests.Histories;

namespace Tavern.EventSourced.Tests.Gossip;

/// <summary>Recorded histories as engines take them in and pass them on.</summary>
public class ImportTests
{
    private static readonly KeyedHashSigner Root = new(1);
    private static readonly KeyedHashSigner Other = new(2);

    private readonly LoneEngine _root = new(LoneEngine.Found(Root, Other), Root, [Other.Agent]);
    private readonly LoneEngine _other = new(LoneEngine.Found(Root, Other), Other, [Root.Agent]);

    [Fact]
    public void A_history_is_one_batch_with_the_event_that_vouches_for_it_and_nothing_is_seen_before_it_is_committed()
    {
        var chains = Chains(HistoryTexts.ReadLog("a {\"a\":1} x\nb {\"a\":1,\"b\":1} y\na {\"a\":2} z"));
        Import(chains);
        var before = _root.Status.LogLength;
        var batch = _root.BeginCommit()!;
        Assert.Equal(before, _root.Status.LogLength);

        var receipt = Assert.Single(batch.Receipts);
        Assert.Equal((DeliveryMode.Imported, chains.Historian, ReceiptOutcome.Delivered), (receipt.Mode, receipt.Peer, receipt.Outcome));
        Assert.Equal([0, .. Enumerable.Repeat(receipt.Number, batch.Runs.Length - 1)], batch.Runs.Select(run => run.Receipt));
        Assert.Equal(Root.Agent, batch.Runs[0].Chain.Agent);

        _root.EndCommit();
        Assert.Equal(before + 1 + 1 + 2 + 3 + 2 + 1, _root.Status.LogLength); // spawn; about, 2 spawns; 3 lines; 2 retirements and its own
        Assert.Equal(2, _root.Status.Clock[new ChainId(chains.IdOf(new RecordedId(0, 1)).Agent, 1)]);
    }

    [Fact]
    public void Every_log_of_it_is_in_causal_order_and_before_is_what_the_history_says()
    {
        var history = HistoryTexts.ReadLog("a {\"a\":1} x\nb {\"b\":1} y\na {\"a\":2,\"b\":1} z\nc {\"c\":1,\"a\":2,\"b\":1} w\nb {\"b\":2} v");
        var chains = Chains(history);
        Import(chains);
        var index = new CausalIndex();
        foreach (var segment in LoneEngine.Found(Root, Other)) Append(index, segment);
        foreach (var stored in _root.BeginCommit()!.Segments) Append(index, stored.Segment); // throws where a cause comes late

        Assert.True(Before("a:1", "a:2") && Before("b:1", "a:2") && Before("a:2", "c:1") && Before("b:1", "c:1"));
        Assert.False(Before("a:1", "b:1") || Before("b:1", "a:1") || Before("a:2", "b:2") || Before("b:2", "c:1") || Before("a:1", "b:2"));

        bool Before(string one, string two) => index.HappensBefore(IdOf(one), IdOf(two));
        EventId IdOf(string name) => chains.IdOf(new RecordedId(history.Speakers.IndexOf(name[..1]), int.Parse(name[2..])));
    }

    [Fact]
    public void Another_node_takes_it_like_anything_else_and_tells_from_whom()
    {
        Import(Chains(HistoryTexts.ReadChat("""{"history":[{"name":"a","content":"x"},{"name":"b","content":"y"}]}""")));
        _root.Commit();
        _other.ExchangeWith(_root);
        _other.Commit();
        Assert.Equal(_root.Status.Clock, _other.Status.Clock);
        Assert.All(_other.Batches.SelectMany(batch => batch.Receipts), receipt => Assert.Equal((DeliveryMode.Network, Root.Agent), (receipt.Mode, receipt.Peer)));
    }

    [Fact]
    public void Histories_of_one_import_know_nothing_of_each_other()
    {
        var (one, two) = (Chains(HistoryTexts.ReadLog("a {\"a\":1} x"), 100), Chains(HistoryTexts.ReadLog("a {\"a\":1} y"), 200));
        Import(one, two);
        var index = new CausalIndex();
        foreach (var segment in LoneEngine.Found(Root, Other)) Append(index, segment);
        foreach (var stored in _root.BeginCommit()!.Segments) Append(index, stored.Segment);
        Assert.Equal(CausalOrder.Concurrent, index.Compare(one.IdOf(new RecordedId(0, 1)), two.IdOf(new RecordedId(0, 1))));
    }

    [Fact]
    public void After_thousands_of_hosts_that_never_met_the_importer_can_still_write()
    {
        var log = new StringBuilder();
        for (var i = 0; i < 3_000; i++) log.Append($"h{i} {{\"h{i}\":1}} x\n");
        Import(Chains(HistoryTexts.ReadLog(log.ToString())));
        _root.Commit();
        _root.Append(LoneEngine.Note("after"));
        var segment = Assert.Single(_root.BeginCommit()!.Segments).Segment;
        Assert.Single(segment.Dependencies); // the historian alone, who knows all
    }

    [Fact]
    public void A_long_message_is_a_segment_of_its_own()
    {
        var text = new string('x', EventLimits.PayloadBytesMax / 2);
        Import(Chains(HistoryTexts.ReadChat($$"""{"history":[{"name":"a","content":"{{text}}"},{"name":"a","content":"{{text}}"}]}""")));
        Assert.Equal(2, _root.BeginCommit()!.Segments.Count(stored => stored.Segment.Records[0].Header.Type == nameof(MessageSent)));
    }

    [Fact]
    public void An_import_shares_a_batch_with_what_was_written_around_it()
    {
        var before = _root.Status.LogLength;
        _root.Append(LoneEngine.Note("before"));
        Import(Chains(HistoryTexts.ReadLog("a {\"a\":1} x")));
        _root.Append(LoneEngine.Note("after"));
        _root.Commit();
        Assert.Equal(before + 2 + 1 + 2 + 1 + 2, _root.Status.LogLength);
        _other.ExchangeWith(_root);
        _other.Commit();
        Assert.Equal(_root.Status.Clock, _other.Status.Clock);
    }

    [Fact]
    public void What_the_importer_writes_next_is_dated_after_what_it_imported()
    {
        Import(Chains(HistoryTexts.ReadLog("a {\"a\":1} x\nb {\"b\":1} y")));
        var imported = _root.BeginCommit()!.Segments[^1].Segment.Records[^1];
        _root.EndCommit();
        _root.Append(LoneEngine.Note("after"));
        var after = Assert.Single(_root.BeginCommit()!.Segments).Segment.Records[0];
        Assert.True(after.Header.Time.CompareTo(imported.Header.Time) > 0, $"{after.Header.Time} is not after {imported.Header.Time}");
    }

    [Fact]
    public void Whatever_time_a_peer_sends_before_an_import_all_of_it_can_be_read()
    {
        var held = LoneEngine.Found(Root, Other);
        var time = new HybridTime((DateTimeOffset.UnixEpoch + _root.Elapsed).ToUnixTimeMilliseconds() + 30_000, int.MaxValue - 2);
        var early = new ChainWriter(LoneEngine.TavernOf(held), new ChainId(Other.Agent, 1), Other).Write([LoneEngine.Note("early")], 0, held[0].Records[1].Hash, [], [time])[0];
        _root.Called(Other.Agent, new GossipMessage.Push(1, [new FrameSegment(early, 0)], [], false));
        Import(Chains(HistoryTexts.ReadLog("a {\"a\":1} x")));
        var records = _root.BeginCommit()!.Segments.SelectMany(stored => stored.Segment.Records).ToList();
        Assert.Contains(records, record => record.Id == early.Records[0].Id);
        Assert.All(records, record => Assert.Equal(record.Header.Time, EventHeader.Decode(record.Header.Encode()).Time));
    }

    [Fact]
    public void After_as_many_files_as_one_import_takes_the_importer_can_still_write()
    {
        Import([.. Enumerable.Range(0, HistoryLimits.FilesMax).Select(i => Chains(HistoryTexts.ReadLog($"a {{\"a\":1}} {i}"), (ulong)(1000 + i * 10)))]);
        _root.Commit();
        _root.Append(LoneEngine.Note("after"));
        Assert.Equal(HistoryLimits.FilesMax, Assert.Single(_root.BeginCommit()!.Segments).Segment.Dependencies.Length);
    }

    private void Import(params RecordedChains[] histories) =>
        _root.Step(new GossipInput.Append(900, [.. histories.Select(history => history.Spawn)]) { Histories = [.. histories] });

    private static RecordedChains Chains(RecordedHistory history, ulong keys = 100) => new(
        history,
        new RecordedAgent("historian", new KeyedHashSigner(keys)),
        [.. history.Speakers.Select((_, i) => new RecordedAgent($"speaker{i}", new KeyedHashSigner(keys + 1 + (ulong)i)))]);

    private static void Append(CausalIndex index, Segment segment)
    {
        foreach (var record in segment.Records) index.Append(record.Id, record.Header.Deps?.Heads ?? []);
    }
}
