using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class NodesConvergeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_nodes_converge_and_hold_the_same_view(bool http)
    {
        await using var nodes = await TestNodes.StartAsync(2, http);
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        var said = (await nodes.AppendAsync(0, new StatusReported(AgentActivity.Working, "the cellar")))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[1], gandalf, said);
        var answered = (await nodes.AppendAsync(1, new MessageSent("I hear you.")))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], jake, answered);
        await nodes.UntilConvergedAsync();

        var seen = await nodes.Nodes[1].History.ReadAsync(reader => reader.View(gandalf).Believe(jake, "state"), CancellationToken.None);
        Assert.Equal("working", seen?.Value);
        Assert.Equal(said, seen?.DecidedBy);
    }
}
