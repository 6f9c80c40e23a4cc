using System.Text.Json;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Subscriptions;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Subscriptions;

public class FailingHandlerTests
{
    private static readonly SubscriptionOptions Quick = new()
    {
        OwnEvents = true,
        Types = [nameof(MessageSent)],
        AttemptsMax = 3,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        RetryDelayMax = TimeSpan.FromMilliseconds(2),
    };

    [Fact]
    public async Task A_handler_that_recovers_is_tried_again_and_its_failed_attempts_leave_nothing()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await using var subscription = await nodes.Nodes[0].SubscribeAsync(
            nodes.Jake, "shaky", (cause, _) =>
            {
                cause.Emit(new DiscoveryShared($"attempt {cause.Attempt}"));
                return cause.Attempt < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            }, Quick, default);
        var said = await nodes.Nodes[0].SayAsync(nodes.Jake, "a");
        await subscription.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
        Assert.Equal([(said, "attempt 3")], Reactions.Answers(await Reactions.LogAsync(nodes.Nodes[0], nodes.Jake), nodes.Jake));
    }

    [Fact]
    public async Task A_handler_that_keeps_throwing_stops_its_subscription_and_nothing_else()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var node = nodes.Nodes[0];
        await using var poisoned = await SubscribePoisonedAsync(node, nodes.Jake);
        await using var healthy = await node.SubscribeAsync(nodes.Jake, "healthy", (_, _) => Task.CompletedTask, Quick, default);
        var bad = await node.SayAsync(nodes.Jake, "poison");
        var after = await node.SayAsync(nodes.Jake, "after");
        var stopped = await poisoned.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline);
        await healthy.WaitUntilHandledAsync(after).WaitAsync(TestNodes.Deadline);
        Assert.Equal((bad, 3), (stopped.Cause, stopped.Attempts));
        Assert.Contains("cannot be swallowed", stopped.Error, StringComparison.Ordinal);
        var told = await Assert.ThrowsAsync<SubscriptionStoppedException>(() => poisoned.WaitUntilHandledAsync(after));
        Assert.Equal(bad, told.Cause);
        Assert.Empty(Reactions.Answers(await Reactions.LogAsync(node, nodes.Jake), nodes.Jake));
    }

    [Fact]
    public async Task A_skip_is_recorded_in_the_log_with_the_step_and_survives_a_restart()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var node = nodes.Nodes[0];
        var poisoned = await SubscribePoisonedAsync(node, nodes.Jake);
        var bad = await node.SayAsync(nodes.Jake, "poison");
        var after = await node.SayAsync(nodes.Jake, "after");
        await poisoned.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline);
        Assert.Throws<InvalidOperationException>(() => poisoned.Skip(after));
        poisoned.Skip(bad, "it was a test");
        await poisoned.WaitUntilHandledAsync(after).WaitAsync(TestNodes.Deadline);
        Assert.Throws<InvalidOperationException>(() => poisoned.Skip(bad));

        await nodes.RestartAsync(0);
        node = nodes.Nodes[0];
        await using var again = await SubscribePoisonedAsync(node, nodes.Jake);
        var last = await node.SayAsync(nodes.Jake, "last");
        await again.WaitUntilHandledAsync(last).WaitAsync(TestNodes.Deadline);
        var log = await Reactions.LogAsync(node, nodes.Jake);
        var skip = Assert.Single(log, record => record.Header.Type == SubscriptionSkipped.Type);
        Assert.Equal(bad, Assert.Single(skip.Header.Causes));
        var said = JsonSerializer.Deserialize<SubscriptionSkipped>(skip.Payload.Span, JsonSerializerOptions.Web)!;
        Assert.Equal(("poisoned", bad.ToString(), "it was a test"), (said.Subscription, said.Event, said.Reason));
        Assert.Contains("cannot be swallowed", said.Error, StringComparison.Ordinal);
        Assert.Equal([(after, "after"), (last, "last")], Reactions.Answers(log, nodes.Jake));
    }

    [Fact]
    public async Task A_skip_that_cannot_be_written_leaves_it_stopped_and_ends_nothing_else()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { EndProcess = (message, _) => ended.TrySetResult(message) });
        var node = nodes.Nodes[0];
        await using var poisoned = await SubscribePoisonedAsync(node, nodes.Jake);
        var bad = await node.SayAsync(nodes.Jake, "poison");
        await poisoned.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline);

        // No place for the lease: once the leased numbers are used the agent cannot write.
        var lease = Path.Combine(node.Options.KeysFolder, $"{nodes.Jake}.lease");
        File.Delete(lease);
        Directory.CreateDirectory(Path.Combine(lease, "in the way"));
        await Assert.ThrowsAsync<AppendRefusedException>(async () =>
        {
            while (true) await node.SayAsync(nodes.Jake, "one more");
        });
        poisoned.Skip(bad);
        var again = poisoned.WaitUntilStoppedAsync();
        await Task.WhenAny(again, ended.Task).WaitAsync(TestNodes.Deadline);
        Assert.False(ended.Task.IsCompleted, ended.Task.IsCompleted ? await ended.Task : "");
        Assert.Contains("keys folder", (await again).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_waits_to_begin_gives_up_when_its_node_stops()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var node = nodes.Nodes[0];
        await node.UntilAnnouncedAsync(nodes.Jake);
        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store!.Before = _ =>
        {
            tried.TrySetResult();
            throw new StoreUnavailableException("The disk is full.");
        };
        var beginning = node.SubscribeAsync(nodes.Jake, "late", (_, _) => Task.CompletedTask, Quick with { Start = new SubscriptionStart.Now() }, default);
        await tried.Task.WaitAsync(TestNodes.Deadline);
        await node.StopAsync().WaitAsync(TestNodes.Deadline);
        Assert.Contains("stopping", (await Assert.ThrowsAsync<StoreUnavailableException>(() => beginning.WaitAsync(TestNodes.Deadline))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_after_the_cure_goes_on_without_a_skip()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var cured = false;
        await using var subscription = await nodes.Nodes[0].SubscribeAsync(
            nodes.Jake, "ill", (cause, _) =>
            {
                if (!cured) throw new IOException("the service is down");
                cause.Emit(new DiscoveryShared("cured"));
                return Task.CompletedTask;
            }, Quick with { AttemptsMax = 1 }, default);
        var said = await nodes.Nodes[0].SayAsync(nodes.Jake, "a");
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(1, (await subscription.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline)).Attempts);
            cured = round == 1;
            subscription.Retry(said);
        }

        await subscription.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
        Assert.Equal([(said, "cured")], Reactions.Answers(await Reactions.LogAsync(nodes.Nodes[0], nodes.Jake), nodes.Jake));
    }

    [Fact]
    public async Task What_cannot_be_written_stops_it_like_any_failure()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await using var subscription = await nodes.Nodes[0].SubscribeAsync(
            nodes.Jake, "loud", (cause, _) =>
            {
                cause.Emit("Loud", new { Text = new string('x', 2_000_000) });
                return Task.CompletedTask;
            }, Quick, default);
        await nodes.Nodes[0].SayAsync(nodes.Jake, "a");
        Assert.Contains("2000", (await subscription.WaitUntilStoppedAsync().WaitAsync(TestNodes.Deadline)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_store_is_down_the_effect_waits_and_is_then_written_once()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var (node, calls) = (nodes.Nodes[0], 0);
        var said = await node.SayAsync(nodes.Jake, "a");
        var refusals = 3;
        store!.Before = batch => batch.PositionSteps.IsEmpty || refusals-- <= 0 ? Task.CompletedTask : throw new StoreUnavailableException("The disk is full.");
        await using var subscription = await node.SubscribeAsync(
            nodes.Jake, "patient", (cause, _) =>
            {
                calls++;
                cause.Emit(new DiscoveryShared("once"));
                return Task.CompletedTask;
            }, Quick, default);
        await subscription.WaitUntilHandledAsync(said).WaitAsync(TestNodes.Deadline);
        Assert.Equal(1, calls);
        Assert.Equal([(said, "once")], Reactions.Answers(await Reactions.LogAsync(node, nodes.Jake), nodes.Jake));
    }

    [Fact]
    public async Task A_step_whose_outcome_stays_unknown_for_long_is_written_once()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with
        {
            Store = inner => store = new WatchedStore(inner),
            AppendWaitMax = TimeSpan.FromMilliseconds(100),
        });
        var (node, gate, calls) = (nodes.Nodes[0], new StoreGate(), 0);
        await node.UntilAnnouncedAsync(nodes.Jake);
        EventId? said = null;
        while (said is null)
        {
            try
            {
                said = await node.SayAsync(nodes.Jake, "a");
            }
            catch (StoreUnavailableException)
            {
                // A slow disk; only the last one counts.
            }
        }

        store!.Before = batch => batch.PositionSteps.IsEmpty ? Task.CompletedTask : gate.PassAsync(batch);
        await using var subscription = await node.SubscribeAsync(
            nodes.Jake, "patient", (cause, _) =>
            {
                if (cause.Id != said) return Task.CompletedTask;
                calls++;
                cause.Emit(new DiscoveryShared("once"));
                return Task.CompletedTask;
            }, Quick, default);
        await gate.Reached;
        // These give up one after the other while the step hangs; so does whoever waits for the step, and asks for it again.
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<StoreUnavailableException>(() => node.SayAsync(nodes.Jake, "too late"));
        gate.Open();
        await subscription.WaitUntilHandledAsync(said.Value).WaitAsync(TestNodes.Deadline);
        Assert.Equal(1, calls);
        Assert.Equal([(said.Value, "once")], Reactions.Answers(await Reactions.LogAsync(node, nodes.Jake), nodes.Jake));
    }

    [Fact]
    public async Task A_node_stops_in_time_though_a_handler_does_not()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (reached, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        await nodes.Nodes[0].SubscribeAsync(nodes.Jake, "deaf", async (_, _) =>
        {
            reached.TrySetResult();
            await never.Task;
        }, Quick, default);
        await nodes.Nodes[0].SayAsync(nodes.Jake, "a");
        await reached.Task.WaitAsync(TestNodes.Deadline);
        await nodes.Nodes[0].StopAsync().WaitAsync(TestNodes.Deadline);
        never.SetResult();
    }

    private static Task<Subscription> SubscribePoisonedAsync(TavernNode node, AgentId agent) => node.SubscribeAsync(
        agent, "poisoned", (cause, _) =>
        {
            var text = ((MessageSent)cause.Body!).Text;
            cause.Emit(new DiscoveryShared(text));
            return text == "poison" ? throw new InvalidOperationException("This cannot be swallowed.") : Task.CompletedTask;
        }, Quick, default);
}
