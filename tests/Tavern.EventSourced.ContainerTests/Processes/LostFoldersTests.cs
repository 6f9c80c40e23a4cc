using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Node processes that are killed and then lose their data folders, or get older copies of them back.</summary>
public sealed class LostFoldersTests
{
    private const int EventsAtATime = 20;

    private static readonly string[] Names = ["jake", "gandalf", "legolas"];

    [Theory]
    [InlineData("an older copy")]
    [InlineData("no log")]
    public async Task A_killed_node_that_finds_something_else_than_it_left_loses_nothing_others_have_and_uses_no_number_twice(string found)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var acknowledged = new List<string>();
        await WriteAsync(tavern, 1, acknowledged, deadline.Token);
        await tavern.KillAsync(1);
        var (data, copy) = (tavern.Members[1].Data, tavern.Members[1].Data + "-copy");
        FolderCopy.Make(data, copy);
        await tavern.StartAsync(1);
        await WriteAsync(tavern, 1, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        await tavern.KillAsync(1);
        if (found == "no log")
        {
            foreach (var file in Directory.EnumerateFiles(data, "events.db*")) File.Delete(file);
        }
        else
        {
            Directory.Delete(data, recursive: true);
            FolderCopy.Make(copy, data);
        }

        await tavern.StartAsync(1);
        await WriteAsync(tavern, 1, acknowledged, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        await tavern.StopAsync();
        Assert.True(EventId.Parse(acknowledged[^1]).Epoch > 1, $"{acknowledged[^1]} is in the old epoch");
        await HaveAllAsync(tavern, acknowledged);
    }

    [Fact]
    public async Task All_nodes_restored_at_once_agree_again_and_use_no_number_twice()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync(Names);
        var (kept, lost, after) = (new List<string>(), new List<string>(), new List<string>());
        for (var i = 0; i < Names.Length; i++) await WriteAsync(tavern, i, kept, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        for (var i = 0; i < Names.Length; i++) await tavern.KillAsync(i);
        foreach (var member in tavern.Members) FolderCopy.Make(member.Data, member.Data + "-copy");
        for (var i = 0; i < Names.Length; i++) await tavern.StartAsync(i);
        for (var i = 0; i < Names.Length; i++) await WriteAsync(tavern, i, lost, deadline.Token);
        for (var i = 0; i < Names.Length; i++) await tavern.KillAsync(i);
        foreach (var member in tavern.Members)
        {
            Directory.Delete(member.Data, recursive: true);
            FolderCopy.Make(member.Data + "-copy", member.Data);
        }

        for (var i = 0; i < Names.Length; i++) await tavern.StartAsync(i);
        for (var i = 0; i < Names.Length; i++) await WriteAsync(tavern, i, after, deadline.Token);
        await tavern.UntilConvergedAsync(deadline.Token);
        await tavern.StopAsync();
        Assert.Empty(after.Intersect(kept.Concat(lost)));
        await HaveAllAsync(tavern, [.. kept, .. after]);
    }

    private static async Task WriteAsync(TavernOfProcesses tavern, int number, List<string> acknowledged, CancellationToken cancellationToken)
    {
        for (var i = 0; i < EventsAtATime; i++)
        {
            var payload = JsonSerializer.SerializeToElement(new { text = $"{Names[number]} {acknowledged.Count}" });
            var written = await tavern.SendAsync(number, new WriteEvent(Names[number], nameof(DiscoveryShared), payload), cancellationToken);
            Assert.DoesNotContain(written.Event.Id, acknowledged);
            acknowledged.Add(written.Event.Id);
        }
    }

    private static async Task HaveAllAsync(TavernOfProcesses tavern, IReadOnlyList<string> events)
    {
        var hashes = new Dictionary<string, Hash>();
        foreach (var member in tavern.Members)
        {
            var database = Path.Combine(member.Data, "events.db");
            await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = database, Owner = "test", ReadOnly = true }, CancellationToken.None);
            foreach (var id in events)
            {
                var record = await store.FindRecordAsync(EventId.Parse(id), CancellationToken.None);
                Assert.True(record is not null, $"{member.Name} has lost {id}");
                if (!hashes.TryAdd(id, record.Hash)) Assert.Equal(hashes[id], record.Hash);
            }
        }
    }
}
