using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
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

    [Fact]
    public async Task Five_nodes_that_all_write_converge_and_no_log_holds_an_event_before_its_causes()
    {
        const int Nodes = 5;
        const int Events = 30;
        await using var nodes = await TestNodes.StartAsync(Nodes, http: true);
        for (var i = 1; i < Nodes; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(async i =>
        {
            for (var n = 0; n < Events; n++) await nodes.Nodes[i].SayAsync(nodes.AgentOf(i), $"{n}");
        }));
        var clock = await nodes.UntilConvergedAsync();
        Assert.True(clock.Entries.Sum(entry => entry.Sequence) >= Nodes * Events);
        for (var i = 0; i < Nodes; i++)
        {
            var agent = nodes.AgentOf(i);
            var early = await nodes.Nodes[i].History.ReadAsync(
                reader =>
                {
                    var heads = new Dictionary<ChainId, long>();
                    var found = new List<EventId>();
                    foreach (var run in reader.Runs(agent, 1, int.MaxValue))
                    {
                        for (var sequence = run.First; sequence <= run.Last; sequence++)
                        {
                            var record = reader.Record(run.Chain[sequence]);
                            if (heads.GetValueOrDefault(run.Chain) != sequence - 1) found.Add(record.Id);
                            found.AddRange((record.Header.Deps?.Heads ?? []).Where(head => heads.GetValueOrDefault(head.Chain) < head.Sequence));
                            heads[run.Chain] = sequence;
                        }
                    }

                    return found;
                },
                CancellationToken.None);
            Assert.Empty(early);
        }
    }
}
