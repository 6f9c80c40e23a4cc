using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>No agent is needed by the others, the root included.</summary>
public class IndependenceTests
{
    private const int Nodes = 4;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task When_any_agent_stops_the_others_go_on_and_when_it_returns_it_catches_up(int stopped)
    {
        await using var nodes = await TestNodes.StartAsync(Nodes);
        for (var i = 1; i < Nodes; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await nodes.UntilConvergedAsync();
        await nodes.Nodes[stopped].StopAsync();

        var others = Enumerable.Range(0, Nodes).Where(node => node != stopped).ToList();
        foreach (var writer in others)
        {
            var said = (await nodes.AppendAsync(writer, new StatusReported(AgentActivity.Working, $"without {stopped}")))[0];
            foreach (var hearer in others)
            {
                await TestNodes.UntilDeliveredAsync(nodes.Nodes[hearer], nodes.AgentOf(hearer), said);
                var seen = await nodes.Nodes[hearer].History.ReadAsync(reader => reader.View(nodes.AgentOf(hearer)).Believe(nodes.AgentOf(writer), "state"), CancellationToken.None);
                Assert.Equal((said, "working"), (seen?.DecidedBy, seen?.Value));
            }
        }

        // Somebody new can come, too: whoever is left can vouch for it.
        var parent = nodes.Nodes[others[0]];
        var newcomer = await parent.SpawnHereAsync(nodes.AgentOf(others[0]), "newcomer", null, CancellationToken.None);
        await parent.UntilAnnouncedAsync(newcomer);
        foreach (var hearer in others) await TestNodes.UntilDeliveredAsync(nodes.Nodes[hearer], nodes.AgentOf(hearer), new EventId(newcomer, 1, 1));

        await nodes.RestartAsync(stopped);
        await nodes.UntilConvergedAsync();
    }
}
