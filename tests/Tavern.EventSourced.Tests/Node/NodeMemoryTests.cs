using Tavern.EventSourced.Events;
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

    [Fact]
    public async Task Bodies_that_a_start_read_are_dropped_when_the_first_commit_comes()
    {
        const int segments = 30_000;
        await using var store = new MemoryEventStore();
        var atStart = LiveBytes.Of(() => Replayed(store, segments, commits: 0));
        var afterwards = LiveBytes.Of(() => Replayed(store, segments, commits: 1));
        Assert.InRange(atStart, 25 * MiB, 128 * MiB);
        Assert.InRange(afterwards, 1, 23 * MiB); // 16 of them for bodies
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

    private static void Settle(NodeHistory history, StoreBatch batch)
    {
        history.Post(batch);
        Assert.True(history.ReadAsync(_ => true, CancellationToken.None).AsTask().GetAwaiter().GetResult());
    }
}
