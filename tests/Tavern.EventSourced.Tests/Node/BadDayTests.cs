using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Faults that people really have, on real nodes: nothing is lost, and whoever is not struck goes on.</summary>
public sealed class BadDayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_line_that_spoils_bytes_loses_nothing_and_forges_nothing(ulong seed)
    {
        const int Events = 25;
        var line = new SpoiledLine(seed, oneIn: 3);
        var hub = new InProcessHub();
        TamperedTransport? jakes = null;
        await using var nodes = await TestNodes.StartAsync(3, change: (number, options) => options with
        {
            Gossip = options.Gossip with { DefaulterTime = TimeSpan.FromMilliseconds(50) },
            Transport = _ => number == 0 ? jakes = new TamperedTransport(hub.Create("node0")) : hub.Create($"node{number}"),
        });
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        jakes!.Gossip = line.PassAsync;
        var said = await Task.WhenAll(Enumerable.Range(0, 3).Select(async node =>
        {
            var ids = new List<EventId>();
            for (var i = 0; i < Events; i++) ids.Add(await nodes.Nodes[node].SayAsync(nodes.AgentOf(node), $"{node} says {i}"));
            return ids;
        }));
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[2], nodes.AgentOf(2), said[1][^1]); // those on a sound line do not wait for it to be mended
        while (line.Unreadable < 5 || line.Changed < 1) await nodes.Nodes[0].SayAsync(nodes.Jake, "still spoiled");
        jakes.Gossip = TamperedTransport.PassOn;
        await nodes.UntilConvergedAsync();

        var expected = new Dictionary<EventId, Hash>();
        for (var node = 0; node < 3; node++)
            foreach (var id in said[node])
                expected.Add(id, await nodes.Nodes[node].History.ReadAsync(reader => reader.Record(id).Hash, CancellationToken.None));
        foreach (var node in nodes.Nodes)
            foreach (var (id, hash) in expected)
                Assert.Equal(hash, await node.History.ReadAsync(reader => reader.Record(id).Hash, CancellationToken.None));
    }

    [Fact]
    public async Task A_flood_from_a_member_is_refused_in_bounded_memory_while_the_others_go_on()
    {
        const int Floods = 4;
        await using var nodes = await TestNodes.StartAsync(3, http: true);
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        var (jake, gandalf) = (nodes.Jake, nodes.AgentOf(1));
        var tag = GossipEnvelope.TavernTag(nodes.Nodes[0].Tavern);
        using var stop = new CancellationTokenSource();
        var (answered, failed) = (0, 0);
        await using var line = new Http2Transport();
        var floods = Enumerable.Range(0, Floods).Select(async number =>
        {
            var random = new SplitMix64((ulong)number);
            var messages = new RandomMessages(random);
            while (!stop.IsCancellationRequested)
            {
                var junk = new GossipMessage.Push(
                    random.Next(), [.. Enumerable.Range(0, 100).Select(_ => new FrameSegment(messages.Segment(), 0))], [new Want(new ChainId(jake, 1), 1, long.MaxValue)], true);
                try
                {
                    await line.CallAsync(nodes.Nodes[0].GossipAddress!, new GossipEnvelope(tag, gandalf, jake, junk), stop.Token);
                    Interlocked.Increment(ref answered);
                }
                catch (TransportException)
                {
                    Interlocked.Increment(ref failed);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }).ToList();
        for (var i = 0; i < 10; i++) // both ways, during the flood
        {
            await TestNodes.UntilDeliveredAsync(nodes.Nodes[2], nodes.AgentOf(2), await nodes.Nodes[0].SayAsync(jake, $"{i}"));
            await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], jake, await nodes.Nodes[2].SayAsync(nodes.AgentOf(2), $"{i}"));
        }

        Assert.True(Volatile.Read(ref answered) + Volatile.Read(ref failed) > 20, $"{answered} answered, {failed} failed");
        var status = await nodes.Nodes[0].GetStatusAsync(jake, CancellationToken.None);
        var members = nodes.Nodes.Select(node => node.Hosted[0]).ToHashSet();
        Assert.All(status.Clock.Entries, entry => Assert.Contains(entry.Chain.Agent, members)); // nothing of it was believed
        Assert.True(status.HeldBack.Count < 20_000, $"{status.HeldBack.Count} segments are held back");
        await stop.CancelAsync();
        await Task.WhenAll(floods);
        await nodes.UntilConvergedAsync();
    }

    [Fact]
    public async Task Clocks_that_are_a_day_off_decide_nothing_and_drag_nobody_along()
    {
        TimeSpan[] wrongBy = [TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromDays(-1)];
        await using var nodes = await TestNodes.StartAsync(3, change: (number, options) => options with { Time = new ShiftedTime(wrongBy[number]) });
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        var (jake, gandalf) = (nodes.Jake, nodes.AgentOf(1));
        var early = (await nodes.AppendAsync(1, new StatusReported(AgentActivity.Working, "dated tomorrow")))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[2], nodes.AgentOf(2), early);
        var late = (await nodes.AppendAsync(2, new StatusReported(AgentActivity.Working, "dated yesterday, said after")))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], jake, late);
        var mine = await nodes.Nodes[0].SayAsync(jake, "after both");
        await nodes.AppendAsync(1, new StatusReported(AgentActivity.Done, "dated tomorrow"));
        await nodes.UntilConvergedAsync();

        var views = new HashSet<string>();
        foreach (var node in nodes.Nodes)
        {
            var (hash, record, order) = await node.History.ReadAsync(
                reader => (ViewHash.Of(reader.View(node.Hosted[0])).ToString(), reader.Record(mine), reader.Causality.Compare(early, late)), CancellationToken.None);
            views.Add(hash);
            Assert.Equal(CausalOrder.Before, order); // by what was heard, whatever the clocks say
            var ahead = record.Header.Time.Wall - DateTimeOffset.UtcNow;
            Assert.True(ahead < HybridLogicalClock.AheadMax, $"jake's event is dated {ahead} ahead");
        }

        Assert.Single(views);
        await using var door = new LocalDoor(nodes.Nodes[0]); // whose clock is right
        var shown = await door.SendAsync(new ShowEvent(early.ToString(), Local: true), CancellationToken.None);
        Assert.InRange(shown.Delivery!.AheadSeconds!.Value, TimeSpan.FromHours(23).TotalSeconds, TimeSpan.FromHours(25).TotalSeconds);
        var log = await door.SendAsync(new ReadLog("jake"), CancellationToken.None);
        Assert.All(log.Entries, entry => Assert.Equal(entry.Event.Agent.Id == gandalf.ToString(), entry.Delivery.AheadSeconds is not null));
        Assert.Equal("done", (await nodes.Nodes[0].History.ReadAsync(reader => reader.View(jake).Believe(gandalf, "state"), CancellationToken.None))?.Value);
    }
}
