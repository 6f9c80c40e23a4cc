using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Api;
using Tavern.EventSourced.Node.Doctoring;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;
using Health = Tavern.EventSourced.Node.Doctoring.Health;

namespace Tavern.EventSourced.Tests.Node;

public class StoreTroubleTests
{
    [Fact]
    public async Task A_full_disk_refuses_appends_keeps_reading_and_recovers_without_a_restart()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        await TestNodes.UntilAsync(node, jake, reader => reader.LogLength(jake) == 2, "jake announces his address");
        var (full, tries) = (true, new List<StoreBatch>());
        var triedTwice = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store!.Before = batch =>
        {
            tries.Add(batch);
            if (tries.Count >= 2) triedTwice.TrySetResult();
            return Volatile.Read(ref full) ? throw new StoreUnavailableException("The disk is full.") : Task.CompletedTask;
        };

        var waiting = node.SayAsync(jake, "in flight");
        await triedTwice.Task.WaitAsync(TestNodes.Deadline);
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => node.SayAsync(jake, "refused"));
        Assert.Contains("nothing was written", refused.Message);
        Assert.Contains("The disk is full.", refused.Message);
        Assert.Equal(2, (await node.GetStatusAsync(jake, CancellationToken.None)).LogLength);
        Assert.Equal("jake", await node.History.ReadAsync(reader => reader.View(jake).Names.NameOf(jake), CancellationToken.None));
        Assert.False(waiting.IsCompleted);

        Volatile.Write(ref full, false);
        Assert.Equal(3, (await waiting).Sequence);
        Assert.All(tries, batch => Assert.Same(tries[0], batch)); // byte for byte
        Assert.Equal(4, (await node.SayAsync(jake, "and on")).Sequence);
    }

    [Fact]
    public async Task A_caller_that_gives_up_before_the_commit_began_has_written_nothing()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        using var impatient = new CancellationTokenSource();
        var first = nodes.Nodes[0].SayAsync(nodes.Jake, "first");
        await gate.Reached;
        var second = nodes.Nodes[0].SayAsync(nodes.Jake, "second", impatient.Token); // waits behind the commit: it can still be withdrawn
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Open();
        var head = (await first).Sequence;
        Assert.Equal(head + 1, (await nodes.Nodes[0].SayAsync(nodes.Jake, "third")).Sequence); // the second was never written
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_store_ends_the_process_with_the_reason(bool fenced)
    {
        WatchedStore? store = null;
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with
        {
            Store = inner => store = new WatchedStore(inner),
            EndProcess = (message, _) => ended.TrySetResult(message),
        });
        Exception reason = fenced ? new StoreFencedException("Another process owns the store.") : new StoreSyncFailedException("The disk did not confirm.");
        store!.Before = _ => throw reason;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.Nodes[0].SayAsync(nodes.Jake, "lost"));
        Assert.Contains(reason.Message, await ended.Task.WaitAsync(TestNodes.Deadline));
    }

    [Fact]
    public async Task Whoever_asked_to_be_told_of_a_store_that_was_taken_over_ends_the_node_himself()
    {
        WatchedStore? store = null;
        var told = new TaskCompletionSource<StoreFencedException>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with
        {
            Store = inner => store = new WatchedStore(inner),
            Fenced = fenced => told.TrySetResult(fenced),
            EndProcess = (message, _) => told.TrySetException(new InvalidOperationException(message)),
        });
        var reason = new StoreFencedException("Another process owns the store.");
        store!.Before = _ => throw reason;
        var waiting = nodes.Nodes[0].SayAsync(nodes.Jake, "lost");
        Assert.Same(reason, await told.Task.WaitAsync(TestNodes.Deadline));
        await nodes.StopAsync(0);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
    }

    [Fact]
    public async Task People_are_told_when_the_store_fails_for_a_while_and_when_it_can_be_written_again()
    {
        WatchedStore? store = null;
        var told = Channel.CreateUnbounded<string>();
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner), Tell = text => told.Writer.TryWrite(text) });
        var full = true;
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        store!.Before = _ => Volatile.Read(ref full) ? throw new StoreUnavailableException("The disk is full.") : Task.CompletedTask;
        var waiting = nodes.Nodes[0].SayAsync(nodes.Jake, "in flight");
        Assert.StartsWith("The disk is full. ", await told.Reader.ReadAsync(deadline.Token), StringComparison.Ordinal);
        await using var door = new LocalDoor(nodes.Nodes[0]);
        var status = await door.SendAsync(new GetStatus(), deadline.Token);
        Assert.Equal(["Nothing can be written: The disk is full."], status.Problems);
        Assert.Equal(status.Problems[0], status.News[0]);
        await using (await ApiHost.StartAsync(nodes.Nodes[0], null, deadline.Token))
        {
            var line = Assert.Single(await NodeCare.LookAsync(nodes.Nodes[0].Options.DataFolder, TimeProvider.System, deadline.Token), line => line.Topic == "writing");
            Assert.Equal((Health.Problem, status.Problems[0]), (line.Health, line.What));
        }

        Volatile.Write(ref full, false);
        await waiting;
        Assert.StartsWith("The store can be written again.", await told.Reader.ReadAsync(deadline.Token), StringComparison.Ordinal);
        Assert.Empty((await door.SendAsync(new GetStatus(), deadline.Token)).Problems);
    }

    /// <summary>A start does not look at every byte, but whoever would get it from here must not be made to wait for it without a word.</summary>
    [Fact]
    public async Task A_record_that_was_changed_in_the_store_is_not_sent_on_and_people_are_told()
    {
        var told = Channel.CreateUnbounded<string>();
        await using var nodes = await TestNodes.StartAsync(2);
        await nodes.UntilConvergedAsync();
        await nodes.StopAsync(1);
        var said = (await nodes.AppendAsync(0, new MessageSent("hello")))[0];
        await nodes.StopAsync(0);
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(nodes.Nodes[0].Options.DataFolder, "events.db")};Pooling=false"))
        {
            await database.OpenAsync();
            await using var change = database.CreateCommand();
            change.CommandText = $"update events set payload = cast(replace(cast(payload as text), 'hello', 'HELLO') as blob) where sequence = {said.Sequence}";
            Assert.True(await change.ExecuteNonQueryAsync() > 0);
        }

        await nodes.StartAgainAsync(0, options => options with { Tell = text => told.Writer.TryWrite(text) });
        await nodes.StartAgainAsync(1, options => options);
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        string text;
        do text = await told.Reader.ReadAsync(deadline.Token);
        while (!text.Contains("damaged", StringComparison.Ordinal));
        Assert.StartsWith($"Event {said} is damaged in the store here", text, StringComparison.Ordinal);
        Assert.False(await nodes.Nodes[1].History.ReadAsync(reader => reader.HasDelivered(nodes.AgentOf(1), said), deadline.Token));
    }

    /// <summary>Two copies of one folder at work: the one that was overtaken says so by itself.</summary>
    [Fact]
    public async Task A_copy_that_another_has_overtaken_tells_people()
    {
        var told = Channel.CreateUnbounded<string>();
        await using var nodes = await TestNodes.StartAsync(2);
        await nodes.UntilConvergedAsync();
        await nodes.AppendAsync(1, new MessageSent("before")); // a newcomer of whom more is known elsewhere would be turned away instead
        await nodes.UntilConvergedAsync();
        await nodes.StopAsync(1);
        var (original, copy) = (nodes.Nodes[1].Options, nodes.NewOptions("copy"));
        Copy(original.DataFolder, copy.DataFolder);
        Copy(original.KeysFolder, copy.KeysFolder);
        await nodes.StartAgainAsync(1, options => options with { Tell = text => told.Writer.TryWrite(text) });
        var said = (await nodes.AppendAsync(1, new MessageSent("hello")))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, said);

        await using var second = await TavernNode.StartAsync(copy, CancellationToken.None);
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        Assert.StartsWith("gandalf has begun epoch 2 elsewhere", await told.Reader.ReadAsync(deadline.Token), StringComparison.Ordinal);
        await using var door = new LocalDoor(nodes.Nodes[1]);
        var status = await door.SendAsync(new GetStatus(), deadline.Token);
        Assert.StartsWith("Gandalf has begun epoch 2 elsewhere", Assert.Single(status.Problems), StringComparison.Ordinal);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    [Fact]
    public async Task Too_many_waiting_appends_are_refused_at_once()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner), AppendQueueMax = 3 });
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        var waiting = Enumerable.Range(0, 3).Select(i => nodes.Nodes[0].SayAsync(nodes.Jake, $"{i}")).ToList();
        await gate.Reached;
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.Nodes[0].SayAsync(nodes.Jake, "one more"));
        Assert.Contains("3", refused.Message);
        gate.Open();
        await Task.WhenAll(waiting);
        await nodes.Nodes[0].SayAsync(nodes.Jake, "there is room again");
    }

    [Fact]
    public async Task A_node_stops_while_its_store_is_down_and_tells_who_waits()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store!.Before = _ =>
        {
            tried.TrySetResult();
            throw new StoreUnavailableException("The disk is full.");
        };
        var waiting = nodes.Nodes[0].SayAsync(nodes.Jake, "lost or not?");
        await tried.Task.WaitAsync(TestNodes.Deadline);
        await nodes.Nodes[0].StopAsync().WaitAsync(TestNodes.Deadline);
        Assert.Contains("unknown", (await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting)).Message);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.Nodes[0].SayAsync(nodes.Jake, "too late"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => nodes.Nodes[0].GetStatusAsync(nodes.Jake, CancellationToken.None).AsTask());
        await nodes.Nodes[0].StopAsync();
    }

    [Fact]
    public async Task A_slow_reader_holds_up_no_append()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        using var reads = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var reading = Task.Run(() => nodes.Nodes[0].History.ReadAsync(
            reader =>
            {
                reads.Set();
                mayEnd.Wait();
                return reader.LogLength(nodes.Jake);
            },
            CancellationToken.None).AsTask());
        reads.Wait();
        var said = EventId.Parse($"{nodes.Jake}:1");
        for (var i = 0; i < 10; i++) said = await nodes.Nodes[0].SayAsync(nodes.Jake, $"{i}");
        Assert.False(reading.IsCompleted);
        mayEnd.Set();
        Assert.InRange(await reading, 1, 2);
        Assert.True(await nodes.Nodes[0].History.ReadAsync(reader => reader.HasDelivered(nodes.Jake, said), CancellationToken.None));
    }

    [Fact]
    public async Task An_append_that_expects_another_head_is_refused()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var head = (await nodes.Nodes[0].SayAsync(nodes.Jake, "one")).Sequence;
        var refused = await Assert.ThrowsAsync<AppendRefusedException>(() => SayAfterAsync(head - 1));
        Assert.Equal(AppendRefusal.HeadMoved, refused.Reason);
        Assert.Equal(head + 1, await SayAfterAsync(head));

        async Task<long> SayAfterAsync(long expected) => (await nodes.Nodes[0].AppendAsync(
            nodes.Jake, [EventCatalogue.Draft(new MessageSent("two"))], new AppendConditions { ExpectedHead = expected }, CancellationToken.None))[0].Sequence;
    }

    [Fact]
    public async Task A_second_node_on_the_same_data_is_refused_with_the_holder_named_and_readers_are_not()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => TavernNode.StartAsync(nodes.Nodes[0].Options, CancellationToken.None));
        Assert.Contains("a tavern node", refused.Message);
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message);

        var said = await nodes.Nodes[0].SayAsync(nodes.Jake, "for the record");
        await using var reading = await TavernNode.OpenReadOnlyAsync(nodes.Nodes[0].Options, CancellationToken.None);
        Assert.True(reading.IsReadOnly);
        Assert.True(await reading.History.ReadAsync(reader => reader.HasDelivered(nodes.Jake, said), CancellationToken.None));
        await Assert.ThrowsAsync<NodeReadOnlyException>(() => reading.SayAsync(nodes.Jake, "no"));
        await Assert.ThrowsAsync<AgentNotHostedException>(() => nodes.Nodes[0].SayAsync(new AgentId(7), "who?"));
    }

    [Fact]
    public async Task A_restarted_node_goes_on_where_it_was_and_is_found_where_it_was()
    {
        await using var nodes = await TestNodes.StartAsync(2, http: true);
        var (jake, gandalf) = (nodes.AgentOf(0), nodes.AgentOf(1));
        await nodes.Nodes[1].UntilAnnouncedAsync(gandalf);
        var before = await nodes.Nodes[1].SayAsync(gandalf, "before");
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], jake, before);
        var addresses = nodes.Nodes.Select(node => node.GossipAddress).ToList();
        await nodes.RestartAsync(0);
        await nodes.RestartAsync(1);
        Assert.Equal(addresses, nodes.Nodes.Select(node => node.GossipAddress));
        var after = await nodes.Nodes[1].SayAsync(gandalf, "after");
        Assert.Equal(before.Sequence + 1, after.Sequence);
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], jake, after);
    }
}
