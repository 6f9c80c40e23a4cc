using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class PauseTests
{
    [Fact]
    public async Task Paused_gossip_moves_nothing_and_resumed_gossip_catches_up()
    {
        var hub = new InProcessHub();
        await using var nodes = await TestNodes.StartAsync(2, change: (number, options) => options with { Transport = _ => hub.Create($"node{number}") });
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        await TestNodes.UntilAsync(nodes.Nodes[0], jake, reader => reader.HasDelivered(jake, new EventId(gandalf, 1, 1)), "jake hears of gandalf");
        await nodes.Nodes[0].PauseGossipAsync(jake, [], CancellationToken.None);
        var said = await nodes.Nodes[0].SayAsync(jake, "to myself");

        await using var caller = hub.Create("caller");
        var call = new GossipEnvelope(GossipEnvelope.TavernTag(nodes.Nodes[0].Tavern), gandalf, jake, new GossipMessage.Syn(99, 99, 0, []));
        var refused = Assert.IsType<GossipMessage.Refused>(await caller.CallAsync(nodes.Nodes[0].GossipAddress!, call, CancellationToken.None));
        Assert.Equal(RefusalReason.Paused, refused.Reason);
        Assert.True((await nodes.Nodes[0].GetStatusAsync(jake, CancellationToken.None)).Paused);
        Assert.False(await nodes.Nodes[1].History.ReadAsync(reader => reader.HasDelivered(gandalf, said), CancellationToken.None));

        await nodes.Nodes[0].ResumeGossipAsync(jake, [], CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[1], gandalf, said);
    }
}
