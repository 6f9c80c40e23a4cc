using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Node processes whose folder is gone and is restored from a backup that was taken while they ran.</summary>
public sealed class RestoredBackupsTests
{
    private static readonly string[] Names = ["jake", "gandalf", "legolas"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_old_backup_runs_on_no_number_is_used_twice_and_all_views_become_equal(bool withPeers)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var (spread, gandalf, ledger) = (new List<string>(), tavern.Members[1], new NumberLedger());
        await WriteAsync(tavern, 1, spread, deadline.Token);
        var backup = gandalf.Data + ".tavern-backup";
        await FolderBackup.MakeAsync(gandalf.Data, gandalf.Keys, backup, false, TimeProvider.System, _ => { }, deadline.Token);
        for (var i = 0; i < Names.Length; i++) await WriteAsync(tavern, i, spread, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        if (!withPeers)
        {
            await tavern.KillAsync(0);
            await tavern.KillAsync(2);
            await WriteAsync(tavern, 1, [], deadline.Token); // these are nowhere else, and will be lost
        }

        await tavern.KillAsync(1);
        await AddAsync(ledger, gandalf.Data, []);
        Directory.Delete(gandalf.Data, recursive: true);
        await FolderRestore.RunAsync(backup, gandalf.Data, gandalf.Keys, null, TimeProvider.System, _ => { }, deadline.Token);
        await tavern.StartAsync(1);
        await WriteAsync(tavern, 1, spread, deadline.Token);
        Assert.True(EventId.Parse(spread[^1]).Epoch > 1, $"{spread[^1]} is in the old epoch");
        if (!withPeers)
        {
            await tavern.StartAsync(0);
            await tavern.StartAsync(2);
        }

        await tavern.UntilConvergedAsync(deadline.Token);
        var views = await Task.WhenAll(Enumerable.Range(0, Names.Length).Select(async number => (await tavern.SendAsync(number, new GetState(), deadline.Token)).ViewHash));
        Assert.Single(views.Distinct());
        await tavern.StopAsync();
        foreach (var member in tavern.Members) await AddAsync(ledger, member.Data, spread);

        async Task AddAsync(NumberLedger to, string data, IEnumerable<string> mustHave)
        {
            await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Path.Combine(data, "events.db"), ReadOnly = true }, deadline.Token);
            await to.AddAsync(store, mustHave, deadline.Token);
        }
    }

    private static async Task WriteAsync(TavernOfProcesses tavern, int number, List<string> acknowledged, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 15; i++)
        {
            var payload = JsonSerializer.SerializeToElement(new { text = $"{Names[number]} {acknowledged.Count}" });
            acknowledged.Add((await tavern.SendAsync(number, new WriteEvent(Names[number], nameof(DiscoveryShared), payload), cancellationToken)).Event.Id);
        }
    }
}
