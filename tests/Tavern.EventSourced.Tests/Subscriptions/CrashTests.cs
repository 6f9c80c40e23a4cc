using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Subscriptions;

/// <summary>A node dies at a commit, before or after it, and starts again on what its disk holds.</summary>
public sealed class CrashTests
{
    private const int Messages = 12;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whichever_commit_a_node_dies_at_each_cause_has_its_effects_once(bool after)
    {
        var died = 0;
        for (var commit = 1; ; commit++)
        {
            await using var nodes = await TestNodes.StartAsync(1);
            var (jake, options) = (nodes.Jake, nodes.Nodes[0].Options);
            for (var i = 0; i < Messages; i++) await nodes.Nodes[0].SayAsync(jake, $"message {i}");
            await nodes.Nodes[0].StopAsync();

            var mortal = new MortalStore(commit, after);
            var survived = await RunAsync(options with { Store = mortal.Over, EndProcess = (_, _) => { } }, jake, mortal.Died.Task);
            if (!survived) Assert.True(await RunAsync(options, jake, Task.Delay(Timeout.Infinite)));
            await nodes.RestartAsync(0);
            var log = await Reactions.LogAsync(nodes.Nodes[0], jake);
            var expected = Reactions.OnePass([.. log.Where(record => record.Header.Type == nameof(MessageSent))], default);
            Assert.True(expected.SequenceEqual(Reactions.Answers(log, jake)), $"died at commit {commit}, {(after ? "after" : "before")} it:\n{string.Join('\n', Reactions.Answers(log, jake))}");
            if (survived) break;
            died++;
        }

        Assert.InRange(died, 8, 40); // one for each message that is answered, and where the subscription ends
    }

    /// <summary>Two processes' worth of lives: each dies after its first commit, until there is nothing left to do.</summary>
    [Fact]
    public async Task A_node_that_lives_for_one_commit_at_a_time_comes_to_the_end()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (jake, options) = (nodes.Jake, nodes.Nodes[0].Options);
        for (var i = 0; i < Messages; i++) await nodes.Nodes[0].SayAsync(jake, $"message {i}");
        await nodes.Nodes[0].StopAsync();
        var lives = 0;
        for (var done = false; !done; lives++)
        {
            Assert.True(lives < 40, "it never comes to the end");
            var mortal = new MortalStore(1, after: true);
            done = await RunAsync(options with { Store = mortal.Over, EndProcess = (_, _) => { } }, jake, mortal.Died.Task);
        }

        await nodes.RestartAsync(0);
        var log = await Reactions.LogAsync(nodes.Nodes[0], jake);
        Assert.Equal(Reactions.OnePass([.. log.Where(record => record.Header.Type == nameof(MessageSent))], default), Reactions.Answers(log, jake));
        Assert.True(lives > 5, $"only {lives} lives");
    }

    /// <summary>Runs a node with the subscription until all messages are handled, or until it dies. Returns whether it lived.</summary>
    private static async Task<bool> RunAsync(NodeOptions options, AgentId jake, Task died)
    {
        var node = await TavernNode.StartAsync(options, CancellationToken.None);
        try
        {
            var subscription = await node.SubscribeAsync(
                jake, "reader", Reactions.ReactAsync, new SubscriptionOptions { OwnEvents = true, Types = [nameof(MessageSent)] }, CancellationToken.None);
            var last = (await Reactions.LogAsync(node, jake)).FindLast(record => record.Header.Type == nameof(MessageSent))!.Id;
            var handled = subscription.WaitUntilHandledAsync(last);
            await Task.WhenAny(handled, died).WaitAsync(TestNodes.Deadline);
            if (!died.IsCompleted) await subscription.DisposeAsync(); // tells where it stands, which is a commit to die at, too
            return !died.IsCompleted;
        }
        finally
        {
            await node.DisposeAsync();
        }
    }
}
