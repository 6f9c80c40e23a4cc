using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class CoHostedAgentsTests
{
    [Fact]
    public async Task Agents_of_one_node_converge_and_each_body_is_stored_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var node = nodes.Nodes[0];
        var gandalf = await node.SpawnHereAsync(nodes.Jake, "gandalf", "wizard", CancellationToken.None);
        await node.UntilAnnouncedAsync(gandalf);
        var frodo = await node.SpawnHereAsync(gandalf, "frodo", null, CancellationToken.None);
        await node.UntilAnnouncedAsync(frodo);
        var said = await node.SayAsync(frodo, "I will take it.");
        await TestNodes.UntilDeliveredAsync(node, nodes.Jake, said);
        var clock = await nodes.UntilConvergedAsync();

        var bodies = new List<EventId>();
        await foreach (var stored in node.Store.ReadSegmentsAsync(CancellationToken.None)) bodies.AddRange(stored.Segment.Records.Select(record => record.Id));
        Assert.Equal(clock.Entries.Sum(entry => entry.Sequence), bodies.Count);
        Assert.Equal(bodies.Count, bodies.Distinct().Count());
        var run = await node.Store.FindRunAsync(nodes.Jake, said, CancellationToken.None);
        var receipt = await node.Store.FindReceiptAsync(nodes.Jake, run!.Receipt, CancellationToken.None);
        Assert.Equal(DeliveryMode.Local, receipt!.Mode);
    }

    [Fact]
    public async Task Tens_of_agents_of_one_node_converge_and_survive_a_restart()
    {
        const int Agents = 24;
        await using var nodes = await TestNodes.StartAsync(1);
        var agents = new List<AgentId>();
        for (var i = 0; i < Agents; i++) agents.Add(await nodes.Nodes[0].SpawnHereAsync(nodes.Jake, $"agent{i}", null, CancellationToken.None));
        foreach (var agent in agents) await nodes.Nodes[0].UntilAnnouncedAsync(agent);
        var ids = await Task.WhenAll(agents.Select(agent => nodes.Nodes[0].SayAsync(agent, "hello")));
        var before = await nodes.UntilConvergedAsync();
        Assert.All(ids, id => Assert.True(before.Covers(id)));

        await nodes.RestartAsync(0);
        Assert.Equal(Agents + 1, nodes.Nodes[0].Hosted.Count);
        var after = await nodes.UntilConvergedAsync();
        Assert.All(before.Entries, entry => Assert.True(after[entry.Chain] >= entry.Sequence));
        var said = await nodes.Nodes[0].SayAsync(agents[7], "again");
        Assert.Equal(before[said.Chain] + 1, said.Sequence); // the in-process address has not changed: nothing was announced
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], agents[0], said);
    }
}
