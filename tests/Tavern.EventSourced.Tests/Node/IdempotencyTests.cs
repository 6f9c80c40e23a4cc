using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class IdempotencyTests
{
    private static readonly AppendConditions Key = new() { IdempotencyKey = "order-1" };

    [Fact]
    public async Task The_same_key_returns_the_same_events_again_even_after_a_restart()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var first = await AppendAsync(nodes, "a", "b", "c");
        Assert.Equal(3, first.Length);
        Assert.Equal(first, await AppendAsync(nodes, "a", "b", "c"));
        await nodes.RestartAsync(0);
        Assert.Equal(first, await AppendAsync(nodes, "a", "b", "c"));
        await Assert.ThrowsAsync<IdempotencyConflictException>(() => AppendAsync(nodes, "a", "b", "d"));
    }

    [Fact]
    public async Task The_same_key_during_the_first_request_waits_for_its_outcome()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        var first = AppendAsync(nodes, "a");
        await gate.Reached;
        var again = Enumerable.Range(0, 10).Select(_ => AppendAsync(nodes, "a")).ToList();
        await Assert.ThrowsAsync<IdempotencyConflictException>(() => AppendAsync(nodes, "b"));
        gate.Open();
        var ids = await first;
        foreach (var other in again) Assert.Equal(ids, await other);
    }

    [Fact]
    public async Task A_caller_that_gives_up_can_ask_again_under_its_key()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        using var impatient = new CancellationTokenSource();
        var first = AppendAsync(nodes, impatient.Token, "a");
        await gate.Reached;
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Open();
        var ids = await AppendAsync(nodes, "a");
        Assert.Equal(ids, await AppendAsync(nodes, "a"));
        Assert.Single(await nodes.Nodes[0].History.ReadAsync(
            reader => reader.Runs(nodes.Jake, 1, 100).SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => reader.Record(run.Chain[run.First + i])))
                .Where(record => record.Header.Type == nameof(MessageSent)).ToList(),
            CancellationToken.None));
    }

    private static Task<EventId[]> AppendAsync(TestNodes nodes, params string[] texts) => AppendAsync(nodes, CancellationToken.None, texts);

    private static async Task<EventId[]> AppendAsync(TestNodes nodes, CancellationToken cancellationToken, params string[] texts) =>
        [.. await nodes.Nodes[0].AppendAsync(nodes.Jake, [.. texts.Select(text => EventCatalogue.Draft(new MessageSent(text)))], Key, cancellationToken)];
}
