using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

public sealed class OfflineTests
{
    [Fact]
    public async Task A_data_folder_without_a_node_can_be_read_and_not_written()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var options = nodes.Nodes[0].Options;
        var host = await ApiHost.StartAsync(nodes.Nodes[0], null, CancellationToken.None);
        Assert.Equal(host.Address, NodeFile.Find(options.DataFolder)?.Api);
        await using var door = new HttpDoor(host.Address, new TokenFolder(options.DataFolder));
        await door.SendAsync(new SpawnAgent("jake", "gandalf"), CancellationToken.None);
        var running = await door.SendAsync(new GetState("jake"), CancellationToken.None);
        await host.DisposeAsync();
        await nodes.Nodes[0].StopAsync();
        Assert.Null(NodeFile.Find(options.DataFolder));

        await using var node = await TavernNode.OpenReadOnlyAsync(options, CancellationToken.None);
        await using var offline = new LocalDoor(node);
        var read = await offline.SendAsync(new GetState("jake", running.Reading.Cursor), CancellationToken.None);
        Assert.Equal((running.ViewHash, running.Reading.Cursor), (read.ViewHash, read.Reading.Cursor));
        var status = await offline.SendAsync(new GetStatus(DeadlineSeconds: 0), CancellationToken.None);
        Assert.False(status.Running);
        Assert.Equal("agree", (await offline.SendAsync(new ExplainBelief("jake", "gandalf"), CancellationToken.None)).Verdict);
        Assert.True((await offline.SendAsync(new ReplayLog("gandalf"), CancellationToken.None)).Verified);
        Assert.Empty((await offline.SendAsync(new TailLog("jake", 1000, 30), CancellationToken.None)).Entries);

        foreach (var write in new IWrite[] { Act.Report("jake", "idle"), new SetGossip("jake", true), new SpawnAgent("jake", "frodo"), new InviteAgent("jake", "frodo") })
        {
            var refused = await Assert.ThrowsAsync<DoorException>(() => write switch
            {
                WriteEvent request => offline.SendAsync(request, CancellationToken.None),
                SetGossip request => offline.SendAsync(request, CancellationToken.None),
                SpawnAgent request => offline.SendAsync(request, CancellationToken.None),
                InviteAgent request => offline.SendAsync(request, CancellationToken.None),
                _ => Task.CompletedTask,
            });
            Assert.Equal(ProblemTypes.NoNode, refused.Problem.Type);
            Assert.Contains("tavern node --data", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://example.org:0")]
    [InlineData("https://127.0.0.1:0")]
    public async Task Off_loopback_the_api_does_not_listen(string address)
    {
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { ApiListen = new Uri(address) });
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => ApiHost.StartAsync(nodes.Nodes[0], null, CancellationToken.None));
        Assert.Contains("it is for this machine only", refused.Message, StringComparison.Ordinal);
        Assert.Null(NodeFile.Find(nodes.Nodes[0].Options.DataFolder));
    }

    [Fact]
    public async Task Tokens_survive_a_restart_and_paused_gossip_explains_why_news_has_not_come()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var tokens = new TokenFolder(nodes.Nodes[0].Options.DataFolder);
        string? read;
        await using (var host = await ApiHost.StartAsync(nodes.Nodes[0], null, CancellationToken.None)) read = tokens.FindRead();
        await using var second = await ApiHost.StartAsync(nodes.Nodes[0], null, CancellationToken.None);
        Assert.Equal(read, tokens.FindRead());

        await using var door = new HttpDoor(second.Address, tokens);
        await door.SendAsync(new SpawnAgent("jake", "gandalf"), CancellationToken.None);
        await nodes.UntilConvergedAsync();
        var paused = await door.SendAsync(new SetGossip("gandalf", true), CancellationToken.None);
        Assert.True(paused.Paused);
        var report = await door.SendAsync(Act.Report("jake", "working"), CancellationToken.None);

        var why = await door.SendAsync(new ExplainBelief("gandalf", "jake"), CancellationToken.None);
        Assert.Equal(("not-heard", "paused"), (why.Verdict, why.Reason));
        Assert.Equal(("idle", "working"), (why.Observed?.Value, why.Own?.Value));
        Assert.Equal(report.Event, why.Missing?.Last);
        Assert.Contains(why.Commands, command => command.Contains("gossip resume", StringComparison.Ordinal));
        Assert.False((await door.SendAsync(new GetConvergence(), CancellationToken.None)).Converged);
        var difference = Assert.Single((await door.SendAsync(new GetDisagreements(), CancellationToken.None)).Disagreements);
        Assert.Equal(("gandalf", "jake", "not-heard"), (difference.Observer.Name, difference.Subject.Name, difference.Verdict));
        var knowers = await door.SendAsync(new GetKnowers(report.Event.Name), CancellationToken.None);
        Assert.Equal((1, 2, true), (knowers.AtLeast, knowers.Of, knowers.Exact));

        await door.SendAsync(new SetGossip("gandalf", false), CancellationToken.None);
        await nodes.UntilConvergedAsync();
        Assert.Equal("agree", (await door.SendAsync(new ExplainBelief("gandalf", "jake"), CancellationToken.None)).Verdict);
        Assert.True((await door.SendAsync(new GetConvergence(), CancellationToken.None)).Converged);
        var spread = await door.SendAsync(new GetSpread(report.Event.Name), CancellationToken.None);
        Assert.Equal(["jake", "gandalf"], spread.Hearers.Select(hearer => hearer.Agent.Name));
        Assert.Equal("jake", spread.Hearers[1].From?.Name);
    }
}
