using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class CommitOrderTests
{
    [Fact]
    public async Task Nothing_is_acknowledged_shown_or_advertised_before_its_commit_returned()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        await TestNodes.UntilAsync(node, jake, reader => reader.LogLength(jake) == 2, "jake announces his address");
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;

        var append = nodes.AppendAsync(0, new MessageSent("not yet"));
        await gate.Reached;
        Assert.False(append.IsCompleted);
        Assert.Equal(2, await node.History.ReadAsync(reader => reader.LogLength(jake), CancellationToken.None));
        Assert.Equal(2, (await node.GetStatusAsync(jake, CancellationToken.None)).LogLength);
        Assert.False(node.WaitForNewsAsync(jake, 2, CancellationToken.None).IsCompleted);
        Assert.False(append.IsCompleted);

        gate.Open();
        var id = (await append)[0];
        Assert.Equal(3, id.Sequence);
        Assert.True(store.HasCommitted(id));
        Assert.Equal(3, await node.History.ReadAsync(reader => reader.LogLength(jake), CancellationToken.None));
    }

    [Fact]
    public async Task Appends_that_arrive_during_a_commit_go_out_together_in_the_next()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        await TestNodes.UntilAsync(nodes.Nodes[0], nodes.Jake, reader => reader.LogLength(nodes.Jake) == 2, "jake announces his address");
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        var first = nodes.AppendAsync(0, new MessageSent("first"));
        await gate.Reached;
        var others = Enumerable.Range(0, 100).Select(i => nodes.AppendAsync(0, new MessageSent($"other {i}"))).ToList();
        await nodes.Nodes[0].GetStatusAsync(nodes.Jake, CancellationToken.None); // the loop has taken them all: it takes inputs in order
        var before = store.Batches.Count;
        gate.Open();
        await first;
        await Task.WhenAll(others);
        Assert.Equal(2, store.Batches.Count - before);
    }

    [Fact]
    public async Task Under_load_nothing_leaves_a_node_before_its_commit_returned() =>
        Assert.Empty(await EarlyEventsAsync(commitLate: false));

    [Fact]
    public async Task The_check_bites_when_a_store_says_committed_too_early() =>
        Assert.NotEmpty(await EarlyEventsAsync(commitLate: true));

    /// <summary>Two nodes write and gossip; whatever a node sends is compared with what its store had committed by then.</summary>
    private static async Task<IReadOnlyCollection<EventId>> EarlyEventsAsync(bool commitLate)
    {
        const int Appends = 100;
        var (hub, early) = (new InProcessHub(), new ConcurrentBag<EventId>());
        await using var nodes = await TestNodes.StartAsync(2, change: (number, options) =>
        {
            WatchedStore? store = null;
            return options with
            {
                Store = inner => store = new WatchedStore(inner) { NotesLate = commitLate },
                Transport = _ => new WatchedTransport(hub.Create($"node{number}"), Check),
            };

            void Check(GossipMessage message)
            {
                if (message is not GossipMessage.Push push) return;
                foreach (var id in push.Frame.SelectMany(item => item.Segment.Records).Select(record => record.Id))
                    if (!store!.HasCommitted(id)) early.Add(id);
            }
        });
        var last = await Task.WhenAll(Enumerable.Range(0, 2).Select(async node =>
        {
            ImmutableArray<EventId> written = [];
            if (node == 1) await TestNodes.UntilAsync(nodes.Nodes[1], nodes.AgentOf(1), reader => reader.LogLength(nodes.AgentOf(1)) > 3, "gandalf hears who vouches for him");
            for (var i = 0; i < Appends; i++) written = await nodes.AppendAsync(node, new MessageSent($"{node} says {i}"));
            return written[0];
        }));
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.AgentOf(0), last[1]);
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[1], nodes.AgentOf(1), last[0]);
        return early;
    }
}
