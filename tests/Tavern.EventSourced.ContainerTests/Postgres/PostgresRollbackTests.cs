using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Processes;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>A server whose place is taken by an older copy of itself, as by a standby that lagged behind, under a node process that runs on.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresRollbackTests
{
    private static readonly string[] Names = ["jake", "gandalf"];

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_whose_server_went_back_heals_itself_loses_nothing_others_have_and_uses_no_number_twice(bool beforeItsStart)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var server = await PostgresServer.StartNewAsync();
        await using var tavern = await TavernOfProcesses.StartAsync(Names, (_, executable) => executable, name => name == "gandalf" ? server.ConnectionString : null);
        var acknowledged = new List<string>();
        await WriteAsync(tavern, acknowledged, deadline.Token);
        await server.StopAsync();
        await server.CopyDataAsync("older");
        await server.StartAsync();
        if (beforeItsStart) // then the older server does not even know this process
        {
            await tavern.StopAsync(1);
            await tavern.StartAsync(1);
        }

        await WriteAsync(tavern, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        var process = tavern.Members[1].Pid;
        await server.KillAsync();
        await server.PutBackAsync("older");
        await server.StartAsync();
        await WriteAsync(tavern, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);

        Assert.Equal(process, tavern.Members[1].Pid); // nobody started it but itself
        Assert.True(EventId.Parse(acknowledged[^1]).Epoch > 1, $"{acknowledged[^1]} is in the old epoch");
        var views = await Task.WhenAll(Enumerable.Range(0, Names.Length).Select(async number => (await tavern.SendAsync(number, new GetState(), deadline.Token)).ViewHash));
        Assert.Equal(views[0], views[1]);
        await tavern.StopAsync();
        var ledger = new NumberLedger();
        await using var jakes = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Path.Combine(tavern.Members[0].Data, "events.db"), ReadOnly = true }, deadline.Token);
        var file = StoreFile.Find(tavern.Members[1].Data)!;
        await using var gandalfs = await PostgresEventStore.OpenAsync(new PostgresStoreOptions { ConnectionString = file.Connection, Schema = file.Schema, ReadOnly = true }, deadline.Token);
        foreach (var store in (IEventStore[])[jakes, gandalfs]) await ledger.AddAsync(store, acknowledged, deadline.Token);
    }

    /// <summary>Writes as gandalf. A request that fails while the server is away, or while the node starts again, is sent once more.</summary>
    private static async Task WriteAsync(TavernOfProcesses tavern, List<string> acknowledged, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 15; i++)
        {
            var payload = JsonSerializer.SerializeToElement(new { text = $"gandalf {acknowledged.Count}" });
            while (true)
            {
                try
                {
                    acknowledged.Add((await tavern.SendAsync(1, new WriteEvent("gandalf", nameof(DiscoveryShared), payload), cancellationToken)).Event.Id);
                    break;
                }
                catch (Node.Doors.DoorException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
                }
            }
        }
    }
}
