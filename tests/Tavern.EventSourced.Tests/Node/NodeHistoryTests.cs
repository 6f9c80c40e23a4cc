using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class NodeHistoryTests
{
    [Fact]
    public async Task What_was_posted_while_the_store_could_not_be_read_is_settled_without_a_reader()
    {
        var time = new ManualTimeProvider();
        var author = new TestChains(4).Author();
        var segment = author.Next(70); // more than are kept in memory, so that some have to be read
        var holder = author.Chain.Agent;
        var commit = new StoreBatch { Segments = [new StoredSegment(segment, Verified: true)], Runs = [new Run(holder, 1, author.Chain, 1, 70, 0, 0)] };
        await using var store = new WatchedStore(new MemoryEventStore());
        await store.CommitAsync(commit, CancellationToken.None);
        using var history = new NodeHistory(store, replayedBytesMax: 0);
        var broken = true;
        store.BeforeRead = () =>
        {
            if (broken) throw new StoreUnavailableException("The disk is away.");
        };

        Assert.True(history.Post(holder));
        Assert.False(history.Post(commit)); // who settles already is not asked again
        var settling = history.SettleAsync(time, CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            Assert.False(settling.IsCompleted);
            await UntilAsync(() => time.TimersSet == 1);
            if (i == 2) broken = false;
            time.Advance(TimeSpan.FromSeconds(1));
        }

        // No assertion about the log before this: a read would settle too.
        await settling.WaitAsync(TestNodes.Deadline);
        Assert.True(history.Post(new StoreBatch())); // all was worked off, so the next news needs somebody again
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        while (!holds())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
