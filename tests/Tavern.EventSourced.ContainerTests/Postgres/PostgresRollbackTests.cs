using System.Text.Json;
using Npgsql;
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

/// <summary>A server whose place is taken by another, which may have less of the log, under a node process that runs on.</summary>
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

        Assert.True(await EpochAfterwardsAsync(tavern, process, acknowledged, deadline.Token) > 1);
    }

    /// <summary>The primary dies; its standby, which replicates asynchronously, takes its place: at the same address, or at another that the node was told too.</summary>
    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task After_a_failover_a_node_goes_on_and_begins_an_epoch_only_when_the_standby_had_lagged(bool lagged, bool bothAreNamed)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var primary = await PostgresServer.StartNewAsync();
        await using var standby = await primary.StartStandbyAsync();
        await using var line = new PostgresProxy(primary.ConnectionString);
        var address = bothAreNamed
            ? new NpgsqlConnectionStringBuilder(primary.ConnectionString) { Host = $"{Path.GetDirectoryName(primary.Socket)},{Path.GetDirectoryName(standby.Socket)}", TargetSessionAttributes = "primary" }.ToString()
            : line.ConnectionString;
        await using var tavern = await TavernOfProcesses.StartAsync(Names, (_, executable) => executable, name => name == "gandalf" ? address : null);
        var acknowledged = new List<string>();
        await WriteAsync(tavern, acknowledged, deadline.Token);
        if (lagged)
        {
            await standby.AskAsync("alter system set primary_conninfo = ''");
            await standby.AskAsync("select pg_reload_conf()");
            await UntilAsync(standby, "select count(*) = 0 from pg_stat_wal_receiver", deadline.Token);
        }

        await WriteAsync(tavern, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        if (!lagged) await UntilAsync(standby, $"select pg_last_wal_replay_lsn() >= '{await primary.AskAsync("select pg_current_wal_lsn()::text")}'::pg_lsn", deadline.Token);
        var process = tavern.Members[1].Pid;
        await primary.KillAsync();
        await standby.AskAsync("select pg_promote()");
        line.TurnTo(standby.ConnectionString);
        await WriteAsync(tavern, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        Assert.Equal(lagged, await EpochAfterwardsAsync(tavern, process, acknowledged, deadline.Token) > 1);
    }

    /// <summary>Checks that gandalf's process healed itself, that both nodes have one view and everything acknowledged, and that no number was used twice. The epoch
    /// that it writes in now.</summary>
    private static async Task<int> EpochAfterwardsAsync(TavernOfProcesses tavern, int process, List<string> acknowledged, CancellationToken cancellationToken)
    {
        Assert.Equal(process, tavern.Members[1].Pid); // nobody started it but itself
        var views = await Task.WhenAll(Enumerable.Range(0, Names.Length).Select(async number => (await tavern.SendAsync(number, new GetState(), cancellationToken)).ViewHash));
        Assert.Equal(views[0], views[1]);
        await tavern.StopAsync();
        var ledger = new NumberLedger();
        await using var jakes = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Path.Combine(tavern.Members[0].Data, "events.db"), ReadOnly = true }, cancellationToken);
        var file = StoreFile.Find(tavern.Members[1].Data)!;
        await using var gandalfs = await PostgresEventStore.OpenAsync(new PostgresStoreOptions { ConnectionString = file.Connection, Schema = file.Schema, ReadOnly = true }, cancellationToken);
        foreach (var store in (IEventStore[])[jakes, gandalfs]) await ledger.AddAsync(store, acknowledged, cancellationToken);
        return EventId.Parse(acknowledged[^1]).Epoch;
    }

    private static async Task UntilAsync(PostgresServer server, string condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await server.AskAsync(condition) is not true) await timer.WaitForNextTickAsync(cancellationToken);
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
