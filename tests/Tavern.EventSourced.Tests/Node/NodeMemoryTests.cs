using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

[Collection(nameof(LiveBytesCollection))]
public class NodeMemoryTests
{
    private const int MiB = 1024 * 1024;

    private static readonly AgentId Holder = new(1);

    /// <summary>What src/README.md says, and a quarter more.</summary>
    [Theory]
    [InlineData(1, 1, 200)]
    [InlineData(8, 1, 300)]
    [InlineData(8, 10, 100)]
    public async Task What_a_node_keeps_of_an_event_for_ever_is_small(int agents, int records, int bytes)
    {
        const int events = 10_000;
        await using var store = new MemoryEventStore();
        var live = LiveBytes.Of(() =>
        {
            var (index, history, feed) = (new SegmentIndex(), new NodeHistory(store, replayedBytesMax: 0), new SteadyFeed(3, agents, random => new QuickSigner(random)));
            history.Post(Holder);
            var length = 0L;
            foreach (var segment in feed.Beginning.Concat(Enumerable.Range(0, events / records).Select(_ => feed.Next(records))))
            {
                index.Add(segment, verified: true);
                length = Deliver(history, segment, length);
            }

            return (index, history);
        });
        Assert.InRange(live / events, 1, bytes * 5 / 4);
    }

    [Fact]
    public async Task Bodies_that_a_start_read_are_dropped_when_the_first_commit_comes()
    {
        const int segments = 30_000;
        await using var store = new MemoryEventStore();
        var atStart = LiveBytes.Of(() => Replayed(store, segments, commits: 0));
        var afterwards = LiveBytes.Of(() => Replayed(store, segments, commits: 1));
        Assert.InRange(atStart, 25 * MiB, 128 * MiB);
        Assert.InRange(afterwards, 1, 15 * MiB); // 8 of them for bodies
    }

    [Fact]
    public async Task A_node_that_is_up_keeps_nothing_of_the_runs_that_it_read_at_its_start()
    {
        var store = default(WatchedStore);
        await using var nodes = await TestNodes.StartAsync(1);
        for (var i = 0; i < 3; i++) await nodes.AppendAsync(0, new MessageSent("hello"));
        await nodes.StopAsync(0);
        await nodes.StartAgainAsync(0, options => options with { Store = inner => store = new WatchedStore(inner) });
        GC.Collect();
        Assert.NotEmpty(store!.RunsRead);
        Assert.DoesNotContain(store.RunsRead, run => run.IsAlive);
        await nodes.AppendAsync(0, new MessageSent("and the node lives"));
    }

    private static NodeHistory Replayed(MemoryEventStore store, int segments, int commits)
    {
        var (history, feed) = (new NodeHistory(store), new SteadyFeed(3, 1, random => new QuickSigner(random)));
        foreach (var segment in feed.Beginning) history.Replay(segment);
        for (var i = 0; i < segments; i++) history.Replay(feed.Next(1));
        history.Post(Holder);
        for (var i = 0; i < commits; i++) Settle(history, new StoreBatch { Segments = [new StoredSegment(feed.Next(1), Verified: true)] });
        return history;
    }

    private static long Deliver(NodeHistory history, Segment segment, long length)
    {
        var run = new Run(Holder, length + 1, segment.Chain, segment.First, segment.Last, 1, 1);
        Settle(history, new StoreBatch { Segments = [new StoredSegment(segment, Verified: true)], Runs = [run] });
        return run.LastPosition;
    }

    private static void Settle(NodeHistory history, StoreBatch batch)
    {
        history.Post(batch);
        Assert.True(history.ReadAsync(_ => true, CancellationToken.None).AsTask().GetAwaiter().GetResult());
    }
}
