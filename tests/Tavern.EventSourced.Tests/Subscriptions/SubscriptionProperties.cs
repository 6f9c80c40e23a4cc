using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Subscriptions;

/// <summary>What a handler emits is one pass over the log, whatever happens on the way.</summary>
public sealed class SubscriptionProperties
{
    private const int Steps = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Late_news_restarts_rewinds_and_rivals_leave_one_pass_over_the_log(ulong seed)
    {
        var random = new SplitMix64(seed);
        await using var nodes = await TestNodes.StartAsync(3);
        var gandalf = nodes.AgentOf(1);
        foreach (var (node, i) in nodes.Nodes.Select((node, i) => (node, i))) await node.UntilAnnouncedAsync(nodes.AgentOf(i));
        var subscription = await SubscribeAsync();
        EventId last = default;
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Below(8))
            {
                case 0: // late news: the others go on talking to nobody, and what they said comes later, in another order
                    await nodes.Nodes[2].PauseGossipAsync(nodes.AgentOf(2), [], default);
                    break;
                case 1:
                    await nodes.Nodes[2].ResumeGossipAsync(nodes.AgentOf(2), [], default);
                    break;
                case 2:
                    await nodes.RestartAsync(1);
                    subscription = await SubscribeAsync();
                    break;
                case 3:
                    await subscription.DisposeAsync();
                    subscription = await SubscribeAsync();
                    break;
                case 4: // a rewind, or a duplicate of what was handled
                    await RewindAsync();
                    break;
                default:
                    var node = random.Below(2) * 2;
                    last = (await nodes.AppendAsync(node, new MessageSent($"{node} says {step} {random.Below(1000)}")))[0];
                    break;
            }
        }

        await nodes.Nodes[2].ResumeGossipAsync(nodes.AgentOf(2), [], default);
        last = (await nodes.AppendAsync(2, new MessageSent("the end")))[0];
        await subscription.WaitUntilHandledAsync(last).WaitAsync(TestNodes.Deadline);
        await nodes.UntilConvergedAsync();
        var newest = (await Reactions.LogAsync(nodes.Nodes[1], gandalf)).FindLast(record => record.Id.Agent != gandalf)!.Id;
        await subscription.WaitUntilHandledAsync(newest).WaitAsync(TestNodes.Deadline);

        var log = await Reactions.LogAsync(nodes.Nodes[1], gandalf);
        Assert.True(
            Reactions.OnePass(log, gandalf).SequenceEqual(Reactions.Answers(log, gandalf)),
            $"seed {seed}\nexpected\n{string.Join('\n', Reactions.OnePass(log, gandalf))}\nfound\n{string.Join('\n', Reactions.Answers(log, gandalf))}");

        Task<Subscription> SubscribeAsync() => nodes.Nodes[1].SubscribeAsync(gandalf, "reader", Reactions.ReactAsync, null, default);

        async Task RewindAsync()
        {
            var held = await Reactions.PositionAsync(nodes.Nodes[1], gandalf, "reader");
            if (held == 0) return;
            var again = new AppendConditions { Handled = new HandledUpTo("reader", 1 + random.Below((int)held)) };
            await Assert.ThrowsAsync<PositionMovedException>(async () => await nodes.Nodes[1].AppendAsync(
                gandalf, [EventCatalogue.Draft(new DiscoveryShared($"again {again.Handled.Position}"))], again, default));
        }
    }

    [Fact]
    public async Task A_rival_of_the_same_name_takes_causes_away_and_none_is_handled_twice()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        await using var subscription = await node.SubscribeAsync(
            jake, "shared", (cause, _) =>
            {
                cause.Emit(new DiscoveryShared("by the subscription"));
                return Task.CompletedTask;
            },
            new SubscriptionOptions { OwnEvents = true, Types = [nameof(MessageSent)] }, default);
        var rival = 0;
        EventId last = default;
        for (var i = 0; i < 30; i++)
        {
            last = await node.SayAsync(jake, $"{i}");
            var run = (await node.Store.FindRunAsync(jake, last, default))!;
            try
            {
                var draft = EventCatalogue.Draft(new DiscoveryShared("by the rival")) with { Causes = [last] };
                await node.AppendAsync(jake, [draft], new AppendConditions { Handled = new HandledUpTo("shared", run.Position + last.Sequence - run.First) }, default);
                rival++;
            }
            catch (PositionMovedException)
            {
                // The subscription was first.
            }
        }

        await subscription.WaitUntilHandledAsync(last).WaitAsync(TestNodes.Deadline);
        var log = await Reactions.LogAsync(node, jake);
        var answers = Reactions.Answers(log, jake);
        Assert.Equal(answers.Count, answers.Select(answer => answer.Cause).Distinct().Count());
        Assert.Equal(rival, answers.Count(answer => answer.Text == "by the rival"));
    }
}
