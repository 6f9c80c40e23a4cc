using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Api;

public class LivenessTests
{
    [Fact]
    public async Task Members_says_who_is_dead_since_when_and_who_found_it_and_alive_again_when_it_returns()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await nodes.UntilConvergedAsync();
        var door = new LocalDoor(nodes.Nodes[0]);
        Assert.Equal("alive", (await LinkAsync()).Liveness);
        await nodes.Nodes[1].StopAsync();
        await UntilAsync("dead");
        var dead = await LinkAsync();
        Assert.NotNull(dead.LivenessAt);
        Assert.NotNull(dead.LivenessAgeSeconds);
        Assert.Contains(dead.LivenessBy!.Name, (string[])["jake", "legolas"]);
        var shown = await ShownAsync();
        Assert.Contains($"dead (by {dead.LivenessBy.Name}, ", shown, StringComparison.Ordinal);

        await nodes.RestartAsync(1);
        await UntilAsync("alive");

        async Task<Link> LinkAsync() =>
            (await door.SendAsync(new GetAgents("jake"), CancellationToken.None)).Agents.Single(row => row.Agent.Name == "gandalf").Link!;

        async Task UntilAsync(string liveness)
        {
            using var deadline = new CancellationTokenSource(TestNodes.Deadline);
            while ((await LinkAsync()).Liveness != liveness)
            {
                deadline.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        async Task<string> ShownAsync()
        {
            var text = new StringWriter();
            AgentsText.Show(new Terminal(text, TextWriter.Null, colour: false, errorColour: false), await door.SendAsync(new GetAgents("jake"), CancellationToken.None));
            return text.ToString();
        }
    }
}
