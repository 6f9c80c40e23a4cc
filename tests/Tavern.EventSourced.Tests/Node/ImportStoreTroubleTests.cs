using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Histories;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class ImportStoreTroubleTests
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task An_import_into_a_full_disk_fails_with_the_reason_and_keeps_nothing()
    {
        WatchedStore? store = null;
        await using var nodes = await StartAsync(watched => store = watched);
        await TestNodes.UntilAsync(nodes.Nodes[0], nodes.Jake, reader => reader.LogLength(nodes.Jake) == 2, "jake announces his address");
        store!.Before = _ => throw new StoreUnavailableException("The disk is full.");
        var failed = await Assert.ThrowsAsync<DoorException>(() => ImportAsync(nodes).WaitAsync(TestNodes.Deadline));
        Assert.Contains("The disk is full.", failed.Message, StringComparison.Ordinal);

        await nodes.RestartAsync(0); // a new store, which is not full
        Assert.Empty(await HistoriesAsync(nodes));
        Assert.False(Assert.Single((await ImportAsync(nodes)).Histories).AlreadyThere);
    }

    [Fact]
    public async Task An_import_waits_for_a_store_that_is_merely_slow()
    {
        WatchedStore? store = null;
        await using var nodes = await StartAsync(watched => store = watched);
        await TestNodes.UntilAsync(nodes.Nodes[0], nodes.Jake, reader => reader.LogLength(nodes.Jake) == 2, "jake announces his address");
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        var importing = ImportAsync(nodes);
        await gate.Reached;
        for (var i = 0; i < 2; i++) // each waits as long as an append may
            await Assert.ThrowsAsync<StoreUnavailableException>(() => nodes.Nodes[0].SayAsync(nodes.Jake, "behind it"));
        Assert.False(importing.IsCompleted);
        gate.Open();
        await importing.WaitAsync(TestNodes.Deadline);
        Assert.Single(await HistoriesAsync(nodes));
    }

    private static Task<TestNodes> StartAsync(Action<WatchedStore> watch) => TestNodes.StartAsync(1, change: (_, options) => options with
    {
        AppendWaitMax = WaitMax,
        Store = inner =>
        {
            var store = new WatchedStore(inner);
            watch(store);
            return store;
        },
    });

    private static Task<ImportedAnswer> ImportAsync(TestNodes nodes) => new LocalDoor(nodes.Nodes[0]).SendAsync(
        new ImportHistories("jake", "who-and-when", [new HistoryFile("chat.json", HistoryTexts.ChatOf(("Boss", "Count.")))]), CancellationToken.None);

    private static async Task<IReadOnlyList<AgentId>> HistoriesAsync(TestNodes nodes) =>
        await nodes.Nodes[0].History.ReadAsync(reader => (IReadOnlyList<AgentId>)[.. reader.View(nodes.Jake).Histories.Keys], CancellationToken.None);
}
