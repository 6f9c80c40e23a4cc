using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Backups;

/// <summary>Where a backup may go, and what is left of a restore that was cut short.</summary>
public sealed class RestoreTests(BackupFixture tavern) : IClassFixture<BackupFixture>
{
    [Theory]
    [InlineData("tavern.json", "holds a tavern already")]
    [InlineData("notes.txt", "holds notes.txt")]
    [InlineData("events.db", "holds events.db")]
    public async Task A_folder_that_holds_something_is_left_as_it_is(string name, string because)
    {
        var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, name), "mine");
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => tavern.RestoreAsync(tavern.Backup, folder));
        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        Assert.Equal([name], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(folder, name)));
    }

    [Fact]
    public async Task A_folder_that_somebody_works_on_is_refused()
    {
        var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
        using var held = OwnerLock.Take(folder, "another restore", DateTimeOffset.UnixEpoch);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => tavern.RestoreAsync(tavern.Backup, folder));
        Assert.Contains("another restore", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_empty_root_of_a_file_system_is_empty()
    {
        var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "lost+found"));
        await tavern.RestoreAsync(tavern.Backup, folder);
        Assert.True(TavernFile.Exists(folder));
    }

    /// <summary>What a restore leaves that is killed before each of its steps: it makes all in a folder of its own, then moves file by file.</summary>
    [Fact]
    public async Task Wherever_a_restore_was_cut_short_there_is_no_tavern_and_the_next_one_succeeds()
    {
        var whole = tavern.NewPath();
        await tavern.RestoreAsync(tavern.Backup, whole);
        string[] files = ["restored", "events.db", "tavern.json"];
        for (var moved = -1; moved < files.Length; moved++)
        {
            var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
            var building = Directory.CreateDirectory(Path.Combine(folder, ".restoring")).FullName;
            for (var i = 0; i < files.Length; i++)
            {
                var content = await File.ReadAllBytesAsync(Path.Combine(whole, files[i]));
                if (moved < 0) await File.WriteAllBytesAsync(Path.Combine(building, files[i]), content[..(content.Length / 2)]);
                else if (i < moved) await File.WriteAllBytesAsync(Path.Combine(folder, files[i]), content);
                else await File.WriteAllBytesAsync(Path.Combine(building, files[i]), content);
            }

            Assert.False(TavernFile.Exists(folder));
            await tavern.RestoreAsync(tavern.Backup, folder);
            Assert.Equal(["events.db", "owner.lock", "owner.txt", "restored", "tavern.json"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_restored_node_gets_back_what_others_have_begins_a_new_epoch_and_uses_no_number_twice()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await nodes.UntilConvergedAsync();
        var (options, gandalf) = (nodes.Nodes[1].Options, nodes.AgentOf(1));
        await nodes.AppendAsync(1, new MessageSent("in the backup"));
        var backup = tavern.NewPath();
        await FolderBackup.MakeAsync(options.DataFolder, options.KeysFolder, backup, false, TimeProvider.System, _ => { }, CancellationToken.None);
        var later = await nodes.AppendAsync(1, new MessageSent("after it"));
        await nodes.UntilConvergedAsync();
        await nodes.Nodes[1].StopAsync();
        Directory.Delete(options.DataFolder, recursive: true);
        await tavern.RestoreAsync(backup, options.DataFolder, options.KeysFolder);
        await nodes.RestartAsync(1);

        var next = await nodes.AppendAsync(1, new MessageSent("in a new epoch"));
        Assert.True(next[0].Epoch > later[0].Epoch, $"{next[0]} comes after {later[0]}");
        await nodes.UntilConvergedAsync();
        Assert.True(await nodes.Nodes[1].History.ReadAsync(reader => reader.HasDelivered(gandalf, later[0]), default));
        Assert.Equal(
            await nodes.Nodes[0].Store.FindRecordAsync(later[0], default) is { } there ? there.Hash : default,
            await nodes.Nodes[1].Store.FindRecordAsync(later[0], default) is { } here ? here.Hash : default);
        Assert.False(RestoreMark.IsSet(options.DataFolder));
    }
}
