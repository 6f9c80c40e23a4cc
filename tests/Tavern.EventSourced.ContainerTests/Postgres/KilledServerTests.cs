using System.Collections.Concurrent;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>A server of its own that dies under a node that writes.</summary>
[Collection(PostgresCollection.Name)]
public sealed class KilledServerTests
{
    private const int Writers = 8;
    private const int EventsPerWriter = 150;
    private const int Kills = 5;

    [SkippableFact]
    public async Task Kills_of_the_server_lose_no_acknowledged_event_write_none_twice_and_the_node_goes_on()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartNewAsync();
        var (data, keys) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "keys"));
        StoreFile.Parse(server.ConnectionString, "jake").Write(data);
        var jake = await TavernFounding.FoundAsync(data, keys, "inn", "jake", TimeProvider.System, deadline.Token);
        var options = new NodeOptions { DataFolder = data, KeysFolder = keys };
        var acknowledged = new ConcurrentDictionary<string, EventId>();

        await using (var node = await TavernNode.StartAsync(options, deadline.Token))
        {
            var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(node, jake, writer, acknowledged, deadline.Token)));
            for (var kill = 1; kill <= Kills; kill++)
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
                while (acknowledged.Count < kill * Writers * EventsPerWriter / (Kills + 1)) await timer.WaitForNextTickAsync(deadline.Token);
                await server.KillAsync();
                await server.StartAsync();
            }

            await writing;
        }

        Assert.Equal(Writers * EventsPerWriter, acknowledged.Count);
        await using var reopened = await TavernNode.OpenReadOnlyAsync(options, deadline.Token);
        await using var store = await NodeStoreOf(data, deadline.Token);
        var texts = new Dictionary<string, EventId>();
        await foreach (var record in store.ReadRecordsAsync(new ChainId(jake, 1), 1, long.MaxValue, deadline.Token))
            if (EventCatalogue.TryRead(record, out var body) && body is MessageSent message) Assert.True(texts.TryAdd(message.Text, record.Id), $"'{message.Text}' is there twice");
        Assert.Equal(acknowledged.OrderBy(pair => pair.Key, StringComparer.Ordinal), texts.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static async Task<IEventStore> NodeStoreOf(string data, CancellationToken cancellationToken)
    {
        var file = StoreFile.Find(data)!;
        return await Stores.Postgres.PostgresEventStore.OpenAsync(new() { ConnectionString = file.Connection, Schema = file.Schema, ReadOnly = true }, cancellationToken);
    }

    /// <summary>Writes one message after the other; what was not acknowledged is asked for again under the same key.</summary>
    private static async Task WriteAsync(TavernNode node, AgentId jake, int writer, ConcurrentDictionary<string, EventId> acknowledged, CancellationToken cancellationToken)
    {
        for (var i = 0; i < EventsPerWriter; i++)
        {
            var text = $"{writer}/{i}";
            var written = false;
            while (!written)
            {
                try
                {
                    var ids = await node.AppendAsync(jake, [EventCatalogue.Draft(new MessageSent(text))], new AppendConditions { IdempotencyKey = text }, cancellationToken);
                    Assert.True(acknowledged.TryAdd(text, ids[0]), $"'{text}' was acknowledged twice");
                    written = true;
                }
                catch (StoreUnavailableException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken); // the server is away
                }
            }
        }
    }
}
