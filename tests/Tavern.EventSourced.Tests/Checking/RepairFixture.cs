using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Checking;

/// <summary>Two real nodes over HTTP/2 that agree. Gandalf's, which hosts bilbo too, is stopped; tests damage copies of its folder. Jake's
/// runs on.</summary>
public sealed class RepairFixture : IAsyncLifetime
{
    private readonly string _copies = Directory.CreateTempSubdirectory("tavern-repair-").FullName;
    private int _copied;

    internal TestNodes Nodes { get; private set; } = null!;

    internal NodeOptions Gandalf { get; private set; } = null!;

    internal AgentId GandalfId { get; private set; }

    /// <summary>All rows of all tables that hold events and logs, when nothing was damaged.</summary>
    internal string Original { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Nodes = await TestNodes.StartAsync(2, http: true);
        await Nodes.UntilConvergedAsync();
        GandalfId = Nodes.AgentOf(1);
        var bilbo = await Nodes.Nodes[1].SpawnHereAsync(GandalfId, "bilbo", null, CancellationToken.None);
        for (var i = 0; i < 4; i++)
        {
            await Nodes.AppendAsync(0, new MessageSent($"from jake {i}"), new MessageSent("and again"));
            await Nodes.UntilConvergedAsync();
            await Nodes.AppendAsync(1, new MessageSent($"from gandalf {i}"));
            await Nodes.Nodes[1].SayAsync(bilbo, $"from bilbo {i}");
            await Nodes.UntilConvergedAsync();
        }

        Gandalf = Nodes.Nodes[1].Options;
        await Nodes.Nodes[1].StopAsync();
        Original = Dump(Path.Combine(Gandalf.DataFolder, "events.db"));
    }

    public async Task DisposeAsync()
    {
        await Nodes.DisposeAsync();
        Directory.Delete(_copies, recursive: true);
    }

    /// <summary>A copy of gandalf's folder, damaged by SQL.</summary>
    internal string Damaged(params string[] damages)
    {
        var folder = Path.Combine(_copies, $"{Interlocked.Increment(ref _copied)}");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(Gandalf.DataFolder)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        foreach (var damage in damages)
        {
            try
            {
                Stores.Checking.SoundStore.Run(Path.Combine(folder, "events.db"), damage);
            }
            catch (SqliteException e) when (e.SqliteErrorCode == 19)
            {
                // A key that is taken: such a row cannot be there.
            }
        }

        return folder;
    }

    /// <summary>Options for a node on such a copy, with a copy of the keys, that begins a new epoch soon when nobody answers.</summary>
    internal NodeOptions Alone(string folder)
    {
        var keys = folder + "-keys";
        Directory.CreateDirectory(keys);
        foreach (var file in Directory.EnumerateFiles(Gandalf.KeysFolder)) File.Copy(file, Path.Combine(keys, Path.GetFileName(file)));
        return Gandalf with { DataFolder = folder, KeysFolder = keys, Gossip = Gandalf.Gossip with { GuardAnswerTime = TimeSpan.FromMilliseconds(100) } };
    }

    internal Task<RepairAnswer> RepairAsync(string folder, string peer = "jake") =>
        DataFolderRepair.RunAsync(folder, Gandalf.KeysFolder, peer, TimeProvider.System, _ => { }, CancellationToken.None);

    internal FsckAnswer Check(string folder) => DataFolderCheck.Run(folder, Gandalf.KeysFolder, 1000, TimeProvider.System, _ => { }, CancellationToken.None);

    /// <summary>Everything but marks and whose store it is.</summary>
    internal static string Dump(string path, params string[] tables)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=false;Mode=ReadOnly");
        database.Open();
        var lines = new List<string>();
        foreach (var table in tables.Length > 0 ? tables : ["chains", "holders", "events", "segments", "runs", "receipts", "idempotency", "positions"])
        {
            using var read = database.CreateCommand();
            read.CommandText = table == "events" ? "select position, chain, sequence, hex(hash), hex(signature), hex(header), hex(payload) from events order by 1" : $"select * from {table} order by 1, 2";
            using var rows = read.ExecuteReader();
            while (rows.Read()) lines.Add(table + " " + string.Join('|', Enumerable.Range(0, rows.FieldCount).Select(i => rows.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : rows.GetValue(i))));
        }

        return string.Join('\n', lines);
    }
}
