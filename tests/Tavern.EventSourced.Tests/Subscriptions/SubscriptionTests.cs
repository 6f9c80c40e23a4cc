using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Subscriptions;

public class SubscriptionTests
{
    [Fact]
    public async Task What_a_handler_emits_names_its_cause_and_stands_in_the_log_in_order()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var (node, gandalf) = (nodes.Nodes[1], nodes.AgentOf(1));
        await using var subscription = await node.SubscribeAsync(gandalf, "reader", Reactions.ReactAsync, null, default);
        EventId last = default;
        for (var i = 0; i < 20; i++) last = (await nodes.AppendAsync(0, new MessageSent($"news {i}")))[0];
        await subscription.WaitUntilHandledAsync(last).WaitAsync(TestNodes.Deadline);

        var log = await Reactions.LogAsync(node, gandalf);
        Assert.NotEmpty(Reactions.OnePass(log, gandalf));
        Assert.Equal(Reactions.OnePass(log, gandalf), Reactions.Answers(log, gandalf));
        var status = subscription.Status;
        Assert.Equal(Reactions.Answers(log, gandalf).Count, status.Emitted);
        Assert.True(status.HandlingTime >= status.HandlingTimeMax && status.HandlingTimeMax > TimeSpan.Zero, status.ToString());
    }

    [Fact]
    public async Task By_default_own_events_are_left_out_and_each_emitted_event_is_own()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var seen = new List<EventId>();
        await using var others = await SubscribeAsync("others", new SubscriptionOptions());
        var said = await nodes.Nodes[0].SayAsync(nodes.Jake, "to myself");
        await others.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
        Assert.Empty(seen);
        await using var all = await SubscribeAsync("all", new SubscriptionOptions { OwnEvents = true });
        await all.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
        Assert.Equal([.. (await Reactions.LogAsync(nodes.Nodes[0], nodes.Jake)).Select(record => record.Id)], seen);

        Task<Subscription> SubscribeAsync(string name, SubscriptionOptions options) => nodes.Nodes[0].SubscribeAsync(
            nodes.Jake, name, (cause, _) =>
            {
                seen.Add(cause.Id);
                return Task.CompletedTask;
            }, options, default);
    }

    [Fact]
    public async Task Types_and_writers_choose_what_is_handled()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var (node, gandalf) = (nodes.Nodes[1], nodes.AgentOf(1));
        var seen = new List<string>();
        await node.UntilAnnouncedAsync(gandalf);
        await using var subscription = await node.SubscribeAsync(
            gandalf, "chosen", (cause, _) =>
            {
                seen.Add($"{cause.Type} {cause.Id.Agent == gandalf}");
                return Task.CompletedTask;
            },
            new SubscriptionOptions { Types = [nameof(MessageSent), "Own"], Writers = [gandalf], OwnEvents = true }, default);
        var foreign = (await nodes.AppendAsync(0, new MessageSent("no")))[0];
        await nodes.AppendAsync(1, new DiscoveryShared("no"));
        var own = (await nodes.AppendAsync(1, new MessageSent("yes")))[0];
        await subscription.WaitUntilHandledAsync(own).WaitAsync(TestNodes.Deadline);
        await subscription.WaitUntilHandledAsync(foreign).WaitAsync(TestNodes.Deadline);
        Assert.Equal(["MessageSent True"], seen);
    }

    [Fact]
    public async Task It_goes_on_where_it_was_and_sees_nothing_twice_after_an_orderly_stop()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var seen = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            await using var subscription = await nodes.Nodes[0].SubscribeAsync(
                nodes.Jake, "quiet", (cause, _) =>
                {
                    seen.Add(((MessageSent)cause.Body!).Text);
                    return Task.CompletedTask;
                },
                new SubscriptionOptions { OwnEvents = true, Types = [nameof(MessageSent)] }, default);
            var said = await nodes.Nodes[0].SayAsync(nodes.Jake, $"{round}");
            await subscription.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
            if (round == 1) await nodes.RestartAsync(0); // ends it in order, too
        }

        Assert.Equal(["0", "1", "2"], seen);
    }

    [Fact]
    public async Task It_begins_now_or_after_a_place_when_told_so_and_remembers_that()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        for (var i = 0; i < 5; i++) await nodes.Nodes[0].SayAsync(nodes.Jake, $"old {i}");
        var length = (await nodes.Nodes[0].GetStatusAsync(nodes.Jake, default)).LogLength;
        Assert.Equal(["new"], await SeenAsync("now", new SubscriptionStart.Now(), "new"));
        Assert.Equal(["old 4", "new", "newer"], await SeenAsync("after", new SubscriptionStart.After(length - 1), "newer"));
        // Where it begins was committed at once, not with the first thing it handled.
        await (await nodes.Nodes[0].SubscribeAsync(nodes.Jake, "early", (_, _) => Task.CompletedTask, Own(new SubscriptionStart.Now()), default)).DisposeAsync();
        Assert.Equal(length + 2, await Reactions.PositionAsync(nodes.Nodes[0], nodes.Jake, "early"));
        Assert.Equal(["between"], await SeenAsync("early", new SubscriptionStart.Beginning(), "between"));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => SeenAsync("beyond", new SubscriptionStart.After(1000), "never"));
        Assert.Contains("1000", refused.Message, StringComparison.Ordinal);

        async Task<List<string>> SeenAsync(string name, SubscriptionStart start, string say)
        {
            var seen = new List<string>();
            await using var subscription = await nodes.Nodes[0].SubscribeAsync(
                nodes.Jake, name, (cause, _) =>
                {
                    seen.Add(((MessageSent)cause.Body!).Text);
                    return Task.CompletedTask;
                }, Own(start), default);
            await subscription.WaitUntilHandledAsync(await nodes.Nodes[0].SayAsync(nodes.Jake, say)).WaitAsync(TestNodes.Deadline);
            return seen;
        }

        SubscriptionOptions Own(SubscriptionStart start) => new() { Start = start, OwnEvents = true, Types = [nameof(MessageSent)] };
    }

    [Fact]
    public async Task A_name_runs_once_and_a_name_that_is_none_is_refused()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var first = await SubscribeAsync("one");
        Assert.Contains("'one'", (await Assert.ThrowsAsync<InvalidOperationException>(() => SubscribeAsync("one"))).Message, StringComparison.Ordinal);
        await using var other = await SubscribeAsync("another");
        Assert.Equal(["another", "one"], nodes.Nodes[0].Subscriptions.Select(running => running.Name));
        await first.DisposeAsync();
        await using var again = await SubscribeAsync("one");
        foreach (var name in (string[])["", new('x', 256), "a\nb", "a\0b"])
            await Assert.ThrowsAsync<ArgumentException>(() => SubscribeAsync(name));

        Task<Subscription> SubscribeAsync(string name) => nodes.Nodes[0].SubscribeAsync(nodes.Jake, name, (_, _) => Task.CompletedTask, null, default);
    }

    [Fact]
    public async Task Two_that_handle_one_place_write_its_effects_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        await node.SayAsync(jake, "the cause");
        var conditions = new AppendConditions { Handled = new HandledUpTo("worker", 2) };
        var rivals = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                return (await node.AppendAsync(jake, [EventCatalogue.Draft(new DiscoveryShared($"rival {i}"))], conditions, default))[0];
            }
            catch (PositionMovedException moved)
            {
                Assert.Contains("'worker'", moved.Message, StringComparison.Ordinal);
                return (EventId?)null;
            }
        }));
        Assert.Single(rivals.OfType<EventId>());
        Assert.Single(await Reactions.LogAsync(node, jake), record => record.Header.Type == nameof(DiscoveryShared));
        Assert.Equal(2, await Reactions.PositionAsync(node, jake, "worker"));
    }

    [Fact]
    public async Task A_step_back_past_the_log_or_from_elsewhere_is_refused_and_a_refused_append_moves_nothing()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        for (var i = 0; i < 4; i++) await node.SayAsync(jake, $"{i}");
        await node.AppendAsync(jake, [], Handled(3), default);
        foreach (var wrong in (HandledUpTo[])[new("worker", 2), new("worker", 3), new("worker", 4, From: 2), new("worker", 4, From: 0), new("worker", 1000)])
            Assert.Equal(3, (await Assert.ThrowsAsync<PositionMovedException>(async () => await node.AppendAsync(
                jake, [EventCatalogue.Draft(new DiscoveryShared("no"))], new AppendConditions { Handled = wrong }, default))).Position);
        await Assert.ThrowsAsync<AppendRefusedException>(async () => await node.AppendAsync(
            jake, [EventCatalogue.Draft(new DiscoveryShared("no"))], Handled(4) with { ExpectedHead = 1 }, default));
        Assert.Equal(3, await Reactions.PositionAsync(node, jake, "worker"));
        await node.AppendAsync(jake, [EventCatalogue.Draft(new DiscoveryShared("yes"))], Handled(4), default);
        Assert.Single(await Reactions.LogAsync(node, jake), record => record.Header.Type == nameof(DiscoveryShared));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.AppendAsync(jake, [], AppendConditions.None, default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.AppendAsync(jake, [], Handled(5) with { IdempotencyKey = "k" }, default));

        static AppendConditions Handled(long position) => new() { Handled = new HandledUpTo("worker", position) };
    }

    [Fact]
    public async Task A_repeated_request_under_its_key_moves_the_position_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        await node.SayAsync(jake, "the cause");
        var first = await AppendAsync(2);
        Assert.Equal(first, await AppendAsync(2));
        await nodes.RestartAsync(0);
        node = nodes.Nodes[0];
        Assert.Equal(first, await AppendAsync(2));
        await Assert.ThrowsAsync<IdempotencyConflictException>(() => AppendAsync(3));

        async Task<EventId> AppendAsync(long position) => (await node.AppendAsync(
            jake, [EventCatalogue.Draft(new DiscoveryShared("once"))],
            new AppendConditions { IdempotencyKey = "worker/2", Handled = new HandledUpTo("worker", position) }, default))[0];
    }
}
