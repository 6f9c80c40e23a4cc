using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class AskTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Agents_here_and_elsewhere_answer_about_themselves(bool http)
    {
        await using var nodes = await TestNodes.StartAsync(2, http);
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        var said = (await nodes.AppendAsync(0, new StatusReported(AgentActivity.Done)))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[1], gandalf, said);
        await TestNodes.UntilAsync(nodes.Nodes[0], jake, reader => reader.HasDelivered(jake, new EventId(gandalf, 1, 1)), "jake hears where gandalf is");

        foreach (var reply in await AskAsync(new AskQuestion.Clock())) Assert.True(Assert.IsType<AskAnswer.Clock>(reply.Answer).Vector.Covers(said));
        foreach (var reply in await AskAsync(new AskQuestion.Head(said.Chain))) Assert.Equal(said.Sequence, Assert.IsType<AskAnswer.Head>(reply.Answer).Sequence);
        foreach (var reply in await AskAsync(new AskQuestion.Belief(jake, "state")))
        {
            var account = Assert.IsType<AskAnswer.Belief>(reply.Answer).Account;
            Assert.Equal("done", account.Belief?.Value);
            Assert.Equal(said, account.Belief?.DecidedBy);
            Assert.Contains(account.Links, link => link.Peer == (reply.Agent == jake ? gandalf : jake));
        }

        var deliveries = await AskAsync(new AskQuestion.Delivery(said));
        Assert.Null(Assert.IsType<AskAnswer.Delivered>(deliveries[0].Answer).Receipt);
        var receipt = Assert.IsType<AskAnswer.Delivered>(deliveries[1].Answer).Receipt;
        Assert.Equal(jake, receipt?.Peer);
        Assert.Equal(DeliveryMode.Network, receipt?.Mode);
        foreach (var reply in await AskAsync(new AskQuestion.Delivery(said.Chain[99]))) Assert.IsType<AskAnswer.NotDelivered>(reply.Answer);

        async Task<IReadOnlyList<AskReply>> AskAsync(AskQuestion question) =>
            await nodes.Nodes[0].AskAsync(jake, [jake, gandalf], question, TestNodes.Deadline, CancellationToken.None);
    }

    [Fact]
    public async Task Other_nodes_are_not_answered_about_cuts_that_cost_too_much_and_its_own_is()
    {
        await using var nodes = await TestNodes.StartAsync(2, change: (_, options) => options with { PeersFoldMax = 1 });
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        await TestNodes.UntilAsync(nodes.Nodes[0], jake, reader => reader.HasDelivered(jake, new EventId(gandalf, 1, 1)), "jake hears where gandalf is");
        await nodes.UntilConvergedAsync();
        for (var i = 0; i < 40; i++) await nodes.AppendAsync(1, new StatusReported(AgentActivity.Working));
        var all = await nodes.UntilConvergedAsync();
        var head = all[new ChainId(gandalf, 1)];
        var refused = 0;
        for (var back = 0; back < 20; back++)
        {
            Assert.NotNull(Assert.IsType<AskAnswer.Belief>(await AskAsync(1, head - back)).Account.Past);
            if (await AskAsync(0, head - back) is AskAnswer.CannotAnswer(var reason))
            {
                Assert.Contains("more than 1 events", reason, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 1, 17); // the latest three cost nothing, or one event

        async Task<AskAnswer?> AskAsync(int node, long upTo)
        {
            var cut = VectorClock.Of(all.Entries.Select(entry => entry.Chain.Agent == gandalf ? entry with { Sequence = upTo } : entry));
            return (await nodes.Nodes[node].AskAsync(
                nodes.AgentOf(node), [gandalf], new AskQuestion.Belief(gandalf, "state", cut), TestNodes.Deadline, CancellationToken.None))[0].Answer;
        }
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_said_to_be_and_others_answer()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        await TestNodes.UntilAsync(nodes.Nodes[0], jake, reader => reader.HasDelivered(jake, new EventId(gandalf, 1, 1)), "jake hears where gandalf is");
        await nodes.Nodes[1].StopAsync();
        var replies = await nodes.Nodes[0].AskAsync(jake, [gandalf, jake, new AgentId(9)], new AskQuestion.Clock(), TestNodes.Deadline, CancellationToken.None);
        Assert.Equal([gandalf, jake, new AgentId(9)], replies.Select(reply => reply.Agent));
        Assert.NotNull(replies[0].Failure);
        Assert.IsType<AskAnswer.Clock>(replies[1].Answer);
        Assert.Contains("No address", replies[2].Failure);
    }
}
