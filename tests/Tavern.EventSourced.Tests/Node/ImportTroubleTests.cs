using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Histories;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Imports on bad days.</summary>
public class ImportTroubleTests
{
    [Fact]
    public async Task Who_gives_up_on_an_import_that_can_no_longer_be_withdrawn_takes_nothing_from_it()
    {
        WatchedStore? store = null;
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with
        {
            Store = inner => store = new WatchedStore(inner),
            EndProcess = (message, _) => ended.TrySetResult(message),
        });
        await using var door = new LocalDoor(nodes.Nodes[0]);

        // An import that comes too late to be handed over with the large append is withdrawn, and another is tried.
        for (var attempt = 0; ; attempt++)
        {
            var import = new ImportHistories("jake", "who-and-when", [new HistoryFile($"{attempt}.json", HistoryTexts.ChatOf(("Boss", $"{attempt}")))]);
            var (one, two) = (new StoreGate(), new StoreGate());
            store!.Before = one.PassAsync;
            var first = nodes.Nodes[0].SayAsync(nodes.Jake, "first");
            await one.Reached;
            var large = nodes.Nodes[0].AppendAsync(nodes.Jake, LargerThanOneCommit(), AppendConditions.None, CancellationToken.None).AsTask();
            using var impatient = new CancellationTokenSource();
            var importing = door.SendAsync(import, impatient.Token);
            for (var i = 0; i < 10; i++) await door.SendAsync(new ListTasks("jake"), CancellationToken.None); // it passes the same gate on its way

            store.Before = two.PassAsync;
            one.Open();
            await two.Reached; // the import waits in the engine for the commit after this one
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => importing);
            store.Before = null;
            two.Open();
            await Task.WhenAll(first, large);

            var after = nodes.Nodes[0].SayAsync(nodes.Jake, "after");
            await Task.WhenAny(after, ended.Task).WaitAsync(TestNodes.Deadline);
            Assert.False(ended.Task.IsCompleted, ended.Task.IsCompleted ? await ended.Task : "");
            await after;
            if ((await door.SendAsync(import, CancellationToken.None)).Histories[0].AlreadyThere) return; // it was written all the same
        }
    }

    private static ImmutableArray<EventDraft> LargerThanOneCommit() =>
        [.. Enumerable.Range(0, 5).Select(_ => EventCatalogue.Draft(new DiscoveryShared(new string('x', 900 * 1024))))];
}
