using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Backups;

/// <summary>Two real nodes that run on, and one backup of gandalf's, which hosts bilbo too and has used everything that a store keeps.</summary>
public sealed class BackupFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tavern-backup-").FullName;
    private int _names;

    internal TestNodes Nodes { get; private set; } = null!;

    internal NodeOptions Gandalf => Nodes.Nodes[1].Options;

    /// <summary>The backup, without keys.</summary>
    internal string Backup { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Nodes = await TestNodes.StartAsync(2);
        await Nodes.UntilConvergedAsync();
        var (node, gandalf) = (Nodes.Nodes[1], Nodes.AgentOf(1));
        var bilbo = await node.SpawnHereAsync(gandalf, "bilbo", null, CancellationToken.None);
        await Nodes.UntilConvergedAsync();
        for (var i = 0; i < 3; i++)
        {
            await Nodes.AppendAsync(0, new MessageSent($"from jake {i}"));
            await node.SayAsync(bilbo, $"from bilbo {i}");
            var conditions = new AppendConditions { IdempotencyKey = $"key {i} ☂", Handled = new HandledUpTo("reader ☂", i + 1) };
            await node.AppendAsync(gandalf, [EventCatalogue.Draft(new MessageSent($"from gandalf {i}"))], conditions, CancellationToken.None);
            await Nodes.UntilConvergedAsync();
        }

        await node.AppendAsync(gandalf, [], new AppendConditions { Handled = new HandledUpTo("counter", 2) }, CancellationToken.None);
        Backup = NewPath();
        await MakeAsync(Backup);
    }

    public async Task DisposeAsync()
    {
        await Nodes.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A path at which there is nothing.</summary>
    internal string NewPath() => Path.Combine(_folder, $"{Interlocked.Increment(ref _names)}");

    /// <summary>A file with this content.</summary>
    internal string FileOf(ReadOnlySpan<byte> content)
    {
        var path = NewPath();
        File.WriteAllBytes(path, content);
        return path;
    }

    internal Task<BackupAnswer> MakeAsync(string path, bool withKeys = false) =>
        FolderBackup.MakeAsync(Gandalf.DataFolder, Gandalf.KeysFolder, path, withKeys, TimeProvider.System, _ => { }, CancellationToken.None);

    internal static Task<BackupAnswer> CheckAsync(string path) => BackupCheck.RunAsync(path, TimeProvider.System, _ => { }, CancellationToken.None);

    /// <summary>Restores with the keys that are in place, unless others are named.</summary>
    internal Task<RestoreAnswer> RestoreAsync(string path, string folder, string? keys = null) =>
        FolderRestore.RunAsync(path, folder, keys ?? Gandalf.KeysFolder, null, TimeProvider.System, _ => { }, CancellationToken.None);
}
