using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>Backups of a server's log, and backups that go from one kind of store into the other.</summary>
public sealed class PostgresBackupTests(PostgresFixture server) : PostgresStoreTest(server)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [SkippableFact]
    public async Task From_a_file_into_a_server_and_back_every_row_is_the_same_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        await using var file = SqliteSnapshot.Open(await WriteEverythingAsync(Path.Combine(folder.Path, "events.db")));
        var rows = await file.ReadRowsAsync(default).ToListAsync();
        await using (var target = await PostgresRowTarget.BeginAsync(await Server.ConnectionStringAsync(), Schema, new byte[16], "a test", Now, default))
        {
            foreach (var row in rows) await target!.WriteAsync(row, default);
            await target!.CompleteAsync(default);
        }

        await using var schema = await PostgresSnapshot.OpenAsync(await Server.ConnectionStringAsync(), Schema, default);
        var there = await schema.ReadRowsAsync(default).ToListAsync();
        Assert.Equal(Bytes(rows), Bytes(there));
        var back = Path.Combine(folder.Path, "back.db");
        await using (var target = SqliteRowTarget.Begin(back, "a test", Now))
        {
            foreach (var row in there) await target.WriteAsync(row, default);
            await target.CompleteAsync(default);
        }

        await using var again = SqliteSnapshot.Open(back);
        Assert.Equal(Bytes(rows), Bytes(await again.ReadRowsAsync(default).ToListAsync()));

        // The same rows again are there already; others find the schema taken; and what is not completed leaves nothing.
        Assert.Null(await PostgresRowTarget.BeginAsync(await Server.ConnectionStringAsync(), Schema, new byte[16], "a test", Now, default));
        var taken = await Assert.ThrowsAsync<StoreRefusedException>(async () => await PostgresRowTarget.BeginAsync(await Server.ConnectionStringAsync(), Schema, [1, .. new byte[15]], "a test", Now, default));
        Assert.Contains("holds a node's log", taken.Message, StringComparison.Ordinal);
        var other = Server.NewSchema();
        await using (var target = await PostgresRowTarget.BeginAsync(await Server.ConnectionStringAsync(), other, new byte[16], "a test", Now, default))
            foreach (var row in rows) await target!.WriteAsync(row, default);
        Assert.Equal(0L, await PostgresServer.AskAsync(await Server.ConnectionStringAsync() + $";Search Path={other}", "select count(*) from events"));
    }

    [SkippableFact]
    public async Task A_backup_of_a_server_under_constant_appends_is_closed_under_causes_holds_all_acknowledged_before_and_runs_on_in_a_folder_and_in_a_server()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        using var folder = new TemporaryFolder();
        var options = new NodeOptions { DataFolder = Path.Combine(folder.Path, "data"), KeysFolder = Path.Combine(folder.Path, "keys") };
        StoreFile.Parse($"{await Server.ConnectionStringAsync()};Search Path={Schema}", "jake").Write(options.DataFolder);
        var jake = await TavernFounding.FoundAsync(options.DataFolder, options.KeysFolder, "inn", "jake", TimeProvider.System, deadline.Token);
        List<EventId> acknowledged = [], before = [];
        var backup = Path.Combine(folder.Path, "jake.tavern-backup");
        await using (var node = await TavernNode.StartAsync(options, deadline.Token))
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
            var writing = WriteAsync(node, enough);
            while (Count() < 50) await Task.Yield();
            for (var made = 1; made <= 3; made++)
            {
                File.Delete(backup);
                lock (acknowledged) before = [.. acknowledged];
                await FolderBackup.MakeAsync(options.DataFolder, options.KeysFolder, backup, false, TimeProvider.System, _ => { }, deadline.Token); // checks causes, too
            }

            await enough.CancelAsync();
            await writing;
            Assert.True(Count() > before.Count, "nothing was written meanwhile");
        }

        foreach (var connection in (string?[])[null, await Server.ConnectionStringAsync()])
        {
            var restored = options with { DataFolder = Path.Combine(folder.Path, connection is null ? "in-folder" : "in-server") };
            var remote = connection is null ? null : StoreFile.Parse(connection, "jake");
            await FolderRestore.RunAsync(backup, restored.DataFolder, restored.KeysFolder, remote, TimeProvider.System, _ => { }, deadline.Token);
            var check = await DataFolderCheck.RunAsync(restored.DataFolder, restored.KeysFolder, 10, TimeProvider.System, _ => { }, deadline.Token);
            Assert.True(check.Sound, string.Join('\n', check.Findings));
            await using var node = await TavernNode.StartAsync(restored, deadline.Token);
            foreach (var id in before) Assert.NotNull(await node.Store.FindRecordAsync(id, deadline.Token));
            var next = await node.AppendAsync(jake, [EventCatalogue.Draft(new MessageSent("in a new epoch"))], AppendConditions.None, deadline.Token);
            Assert.True(next[0].Epoch > 1, $"{next[0]} is in an epoch that was in use");
        }

        int Count()
        {
            lock (acknowledged) return acknowledged.Count;
        }

        async Task WriteAsync(TavernNode node, CancellationTokenSource until)
        {
            for (var i = 0; !until.IsCancellationRequested; i++)
            {
                var ids = await node.AppendAsync(jake, [EventCatalogue.Draft(new MessageSent($"{i}"))], AppendConditions.None, deadline.Token);
                lock (acknowledged) acknowledged.Add(ids[0]);
            }
        }
    }

    /// <summary>Rows of every table, with every field that may be null null and not null, and any text.</summary>
    private async Task<string> WriteEverythingAsync(string path)
    {
        await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = path }, default);
        var (jake, author) = (Chains.Founder.Chain.Agent, Chains.Author());
        var (first, line) = (author.Next(3), author.Line(2));
        var (second, branch) = (author.Next(2), line.Next(2));
        await store.CommitAsync(
            Batch(Chains.Founding, first, second, branch) with
            {
                Runs = [new Run(jake, 1, Chains.Founder.Chain, 1, 1, 0, 0), new Run(jake, 2, first.Chain, 1, 3, 1, 1), new Run(new AgentId(9), 1, first.Chain, 1, 2, 3, 1)],
                Receipts =
                [
                    new Receipt(jake, 1, author.Chain.Agent, ulong.MaxValue, DeliveryMode.Network, DateTimeOffset.UnixEpoch.AddTicks(7), 10, ReceiptOutcome.Delivered),
                    new Receipt(jake, 2, new AgentId(9), 0, DeliveryMode.Local, DateTimeOffset.UnixEpoch, 0, ReceiptOutcome.Rejected, "b ☂ 'x' \\ \u202e", 5),
                ],
                IdempotencyEntries = [new IdempotencyEntry(jake, "☂ b", Hash.Of("x"u8), Chains.Founder.HeadId), new IdempotencyEntry(jake, "a", default, first.Chain[2])],
                PositionSteps = [new PositionStep(jake, "z", 0, 2, null), new PositionStep(jake, "☂", 0, 3, Chains.Founder.HeadId), new PositionStep(new AgentId(9), "a", 0, 1, null)],
            },
            default);
        return path;
    }

    private static IEnumerable<string> Bytes(IEnumerable<StoredRow> rows) => rows.Select(row => $"{RowCodec.Tables[RowCodec.OrderOf(row)]} {Convert.ToHexString(RowCodec.Encode(row).Span)}");
}
