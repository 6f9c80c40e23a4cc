using System.Text;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Tests.Checking;
using Tavern.EventSourced.Tests.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Backups;

/// <summary>What is in a backup, and when one is made.</summary>
public sealed class BackupTests(BackupFixture tavern) : IClassFixture<BackupFixture>
{
    [Fact]
    public async Task A_restored_store_is_the_original_row_by_row_and_byte_by_byte()
    {
        var (backup, folder) = (tavern.NewPath(), tavern.NewPath());
        var before = RepairFixture.Dump(Path.Combine(tavern.Gandalf.DataFolder, "events.db"));
        await tavern.MakeAsync(backup);
        Assert.Equal(before, RepairFixture.Dump(Path.Combine(tavern.Gandalf.DataFolder, "events.db"))); // nothing happened meanwhile
        await tavern.RestoreAsync(backup, folder);
        var restored = RepairFixture.Dump(Path.Combine(folder, "events.db"));
        Assert.Equal(before, restored);
        Assert.All(["receipts ", "idempotency ", "positions "], table => Assert.Contains(table, restored, StringComparison.Ordinal));
        var found = DataFolderCheck.Run(folder, tavern.Gandalf.KeysFolder, 10, TimeProvider.System, _ => { }, CancellationToken.None);
        Assert.True(found.Sound, string.Join('\n', found.Findings));
        var (file, original) = (TavernFile.Read(folder), TavernFile.Read(tavern.Gandalf.DataFolder));
        Assert.Equal((original.Tavern, original.Name, original.Stored), (file.Tavern, file.Name, file.Stored));
        Assert.Equal(original.Hosted.AsEnumerable(), file.Hosted);
        Assert.Equal(original.Seeds.AsEnumerable(), file.Seeds);
        Assert.True(RestoreMark.IsSet(folder));
    }

    [Fact]
    public async Task A_backup_under_constant_appends_is_closed_under_causes_and_holds_all_that_was_acknowledged_before()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await nodes.UntilConvergedAsync();
        using var enough = new CancellationTokenSource();
        var acknowledged = new List<EventId>[2];
        var writing = Task.WhenAll(Enumerable.Range(0, 2).Select(WriteAsync));
        var options = nodes.Nodes[1].Options;
        for (var made = 0; made < 8; made++)
        {
            var (backup, folder) = (tavern.NewPath(), tavern.NewPath());
            EventId[] before;
            lock (acknowledged) before = [.. acknowledged[1] ?? []];
            var answer = await FolderBackup.MakeAsync(options.DataFolder, options.KeysFolder, backup, false, TimeProvider.System, _ => { }, CancellationToken.None); // checks causes, too
            await FolderRestore.RunAsync(backup, folder, options.KeysFolder, null, TimeProvider.System, _ => { }, CancellationToken.None);
            await using var store = await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = Path.Combine(folder, "events.db"), ReadOnly = true }, default);
            foreach (var id in before) Assert.True(await store.FindRecordAsync(id, default) is not null, $"backup {made} of {answer.Events} events lacks {id}, which was acknowledged before it began");
            await nodes.AppendAsync(0, new MessageSent($"after backup {made}"));
        }

        await enough.CancelAsync();
        await writing;
        Assert.True(acknowledged[1].Count > 8, $"only {acknowledged[1].Count} events were written meanwhile");

        async Task WriteAsync(int node)
        {
            lock (acknowledged) acknowledged[node] = [];
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var ids = await nodes.AppendAsync(node, new MessageSent($"{node}/{i}"));
                lock (acknowledged) acknowledged[node].Add(ids[0]);
            }
        }
    }

    [Fact]
    public async Task No_private_key_is_in_a_backup_unless_it_was_asked_for_and_a_recovery_key_never_is()
    {
        var (options, backup) = (tavern.Nodes.Nodes[0].Options, tavern.NewPath()); // jake's: he is the root
        await FolderBackup.MakeAsync(options.DataFolder, options.KeysFolder, backup, false, TimeProvider.System, _ => { }, CancellationToken.None);
        Assert.DoesNotContain("PRIVATE KEY", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(backup)), StringComparison.Ordinal);
        Assert.False((await BackupFixture.CheckAsync(backup)).Keys);

        var withKeys = tavern.NewPath();
        Assert.True((await FolderBackup.MakeAsync(options.DataFolder, options.KeysFolder, withKeys, true, TimeProvider.System, _ => { }, CancellationToken.None)).Keys);
        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(withKeys));
        Assert.Single(text.Split("BEGIN PRIVATE KEY").Skip(1));
        var recovery = await File.ReadAllTextAsync(Directory.EnumerateFiles(options.KeysFolder, "recovery-*").Single());
        Assert.DoesNotContain(recovery.Split('\n')[1], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_in_a_backup_come_back_and_replace_no_other()
    {
        var (backup, folder, keys) = (tavern.NewPath(), tavern.NewPath(), tavern.NewPath());
        await tavern.MakeAsync(backup, withKeys: true);
        var answer = await tavern.RestoreAsync(backup, folder, keys);
        Assert.Equal(["gandalf", "bilbo"], answer.KeysRestored);
        Assert.Empty(answer.KeysMissing);
        var (original, restored) = (KeyFolder.Open(tavern.Gandalf.KeysFolder), KeyFolder.Open(keys));
        foreach (var hosted in TavernFile.Read(folder).Hosted)
        {
            using var held = original.Load(hosted.Agent);
            using var back = restored.Load(hosted.Agent);
            Assert.Equal(held.ToPem(), back.ToPem());
        }

        using var stranger = EcdsaSigner.Create();
        var other = tavern.NewPath();
        KeyFolder.Open(other).Replace(tavern.Nodes.AgentOf(1), stranger);
        var refused = await Assert.ThrowsAsync<KeyFolderException>(() => tavern.RestoreAsync(backup, folder + "2", other));
        Assert.Contains("another key", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder + "2"));
    }

    [Fact]
    public async Task Without_keys_it_says_whose_are_missing()
    {
        var answer = await tavern.RestoreAsync(tavern.Backup, tavern.NewPath(), tavern.NewPath());
        Assert.Equal(["gandalf", "bilbo"], answer.KeysMissing);
        Assert.Equal(["gandalf", "bilbo"], answer.LeasesMissing);
    }

    [Fact]
    public async Task A_backup_is_its_owners_alone_and_overwrites_nothing()
    {
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(tavern.Backup));
        var before = await File.ReadAllBytesAsync(tavern.Backup);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => tavern.MakeAsync(tavern.Backup));
        Assert.Contains("is not overwritten", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(tavern.Backup));
    }

    [Fact]
    public async Task In_a_folder_it_gets_a_name_of_its_own_and_what_a_killed_one_left_is_in_nobodys_way()
    {
        var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
        var path = (await tavern.MakeAsync(folder)).File;
        Assert.Equal(folder, Path.GetDirectoryName(path));
        Assert.StartsWith("TheTavern-gandalf-", Path.GetFileName(path), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(folder)); // nothing partial is left

        var again = Path.Combine(folder, "again");
        await File.WriteAllBytesAsync(again + ".partial", new byte[1_000_000]);
        await tavern.MakeAsync(again);
        await BackupFixture.CheckAsync(again);
        Assert.False(File.Exists(again + ".partial"));
    }

    [Fact]
    public async Task A_store_that_is_not_sound_is_not_backed_up()
    {
        var folder = Directory.CreateDirectory(tavern.NewPath()).FullName;
        await tavern.RestoreAsync(tavern.Backup, folder);
        SoundStore.Run(Path.Combine(folder, "events.db"), "update events set payload = x'7b7d' where position = 3");
        var target = tavern.NewPath();
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(
            () => FolderBackup.MakeAsync(folder, tavern.Gandalf.KeysFolder, target, false, TimeProvider.System, _ => { }, CancellationToken.None));
        Assert.True(refused.IsDamaged);
        Assert.Contains("events", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(target) || File.Exists(target + ".partial"));
    }
}
