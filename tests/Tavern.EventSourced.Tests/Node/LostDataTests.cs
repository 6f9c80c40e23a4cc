using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Nodes whose data folder was lost, or replaced by an older copy, go on without using a number twice and without losing what others
/// have.</summary>
public class LostDataTests
{
    [Theory]
    [InlineData("removed")]
    [InlineData("emptied")]
    [InlineData("removed but for its write-ahead log")]
    public async Task A_lost_log_comes_back_from_others_and_a_new_epoch_begins(string damage)
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var gandalf = nodes.AgentOf(1);
        await nodes.Nodes[1].UntilAnnouncedAsync(gandalf);
        var heard = await nodes.Nodes[1].SayAsync(gandalf, "jake hears this");
        await SettledAsync(nodes);
        await nodes.Nodes[1].StopAsync();
        var options = nodes.Nodes[1].Options;
        var log = Path.Combine(options.DataFolder, "events.db");
        if (damage == "emptied") File.WriteAllBytes(log, []);
        else File.Delete(log);
        if (damage.EndsWith("log", StringComparison.Ordinal)) File.WriteAllBytes(log + "-wal", [1]);

        var told = new List<string>();
        await using var node = await TavernNode.StartAsync(options with { Tell = told.Add }, CancellationToken.None);
        await node.WaitUntilVouchedAsync(gandalf, CancellationToken.None);
        var said = await node.SayAsync(gandalf, "I am back");
        Assert.Equal(2, said.Epoch);
        Assert.True(await node.History.ReadAsync(reader => reader.HasDelivered(gandalf, heard), CancellationToken.None));
        Assert.Contains(told, line => line.Contains("epoch 2", StringComparison.Ordinal) && line.Contains("was gone", StringComparison.Ordinal));
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, said);
        var epoch = await nodes.Nodes[0].History.ReadAsync(reader => reader.View(nodes.Jake).Agents[gandalf].Epoch!.Value, CancellationToken.None);
        Assert.Equal(2, epoch);
        Assert.False(RestoreMark.IsSet(options.DataFolder));
        if (damage.EndsWith("log", StringComparison.Ordinal)) Assert.Equal([1], await File.ReadAllBytesAsync(log + "-wal.lost"));
        await node.StopAsync();

        await using var again = await TavernNode.StartAsync(options, CancellationToken.None);
        Assert.Equal(2, (await again.SayAsync(gandalf, "still here")).Epoch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_older_copy_of_the_folder_goes_on_in_a_new_epoch_with_all_that_others_have(bool keysToo)
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var gandalf = nodes.AgentOf(1);
        await SettledAsync(nodes);
        var options = nodes.Nodes[1].Options;
        await nodes.Nodes[1].StopAsync();
        var (data, keys) = (Copy(options.DataFolder), Copy(options.KeysFolder));
        EventId heard;
        await using (var node = await TavernNode.StartAsync(options, CancellationToken.None))
        {
            heard = await node.SayAsync(gandalf, "after the copy was made");
            Assert.Equal(1, heard.Epoch);
            await TestNodes.UntilDeliveredAsync(nodes.Nodes[0], nodes.Jake, heard);
        }

        PutBack(data, options.DataFolder);
        if (keysToo) PutBack(keys, options.KeysFolder);
        await using var restored = await TavernNode.StartAsync(options, CancellationToken.None);
        Assert.Equal(2, (await restored.SayAsync(gandalf, "restored")).Epoch);
        Assert.True(await restored.History.ReadAsync(reader => reader.HasDelivered(gandalf, heard), CancellationToken.None));
    }

    [Fact]
    public async Task All_nodes_restored_at_once_use_no_number_twice_though_nobody_has_what_was_lost()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await SettledAsync(nodes);
        List<NodeOptions> options = [.. nodes.Nodes.Select(node => node.Options)];
        foreach (var node in nodes.Nodes) await node.StopAsync();
        List<string> copies = [.. options.Select(option => Copy(option.DataFolder))];
        var used = new List<EventId>();
        for (var i = 0; i < 2; i++)
        {
            await using var node = await TavernNode.StartAsync(options[i], CancellationToken.None);
            used.Add(await node.SayAsync(node.Hosted[0], "nobody else hears this"));
        }

        for (var i = 0; i < 2; i++) PutBack(copies[i], options[i].DataFolder);
        await using var jake = await TavernNode.StartAsync(options[0], CancellationToken.None);
        await using var gandalf = await TavernNode.StartAsync(options[1], CancellationToken.None);
        foreach (var node in (TavernNode[])[jake, gandalf]) Assert.Equal(2, (await node.SayAsync(node.Hosted[0], "after")).Epoch);
    }

    [Fact]
    public async Task An_orderly_stop_and_start_goes_on_in_the_same_epoch_with_others_and_alone()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await SettledAsync(nodes);
        await nodes.RestartAsync(1);
        Assert.Equal(1, (await nodes.Nodes[1].SayAsync(nodes.AgentOf(1), "with jake")).Epoch);
        await SettledAsync(nodes);
        await nodes.Nodes[0].StopAsync();
        await nodes.RestartAsync(1);
        Assert.Equal(1, (await nodes.Nodes[1].SayAsync(nodes.AgentOf(1), "alone")).Epoch);
    }

    [Fact]
    public async Task A_copy_of_both_folders_started_where_nobody_answers_begins_a_new_epoch_or_waits_when_told_to()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await SettledAsync(nodes);
        var options = nodes.Nodes[1].Options;
        await nodes.Nodes[1].StopAsync();
        await nodes.Nodes[0].StopAsync();
        PutBack(Copy(options.DataFolder), options.DataFolder);
        var quick = options with { Gossip = options.Gossip with { GuardAnswerTime = TimeSpan.FromMilliseconds(300) }, AppendWaitMax = TimeSpan.FromSeconds(1) };
        await using (var waiting = await TavernNode.StartAsync(quick with { WaitForPeers = true }, CancellationToken.None))
        {
            var refused = await Assert.ThrowsAsync<Tavern.EventSourced.Stores.StoreUnavailableException>(() => waiting.SayAsync(waiting.Hosted[0], "not yet"));
            Assert.Contains("nothing was written", refused.Message, StringComparison.Ordinal);
            Assert.Contains("other agents", refused.Message, StringComparison.Ordinal);
            var guard = (await waiting.GetStatusAsync(waiting.Hosted[0], CancellationToken.None)).Guard;
            Assert.Equal(GuardPhase.Asking, guard.Phase);
            Assert.Equal(nodes.Jake, Assert.Single(guard.WaitsFor));
        }

        await using var alone = await TavernNode.StartAsync(quick with { AppendWaitMax = TimeSpan.FromSeconds(10) }, CancellationToken.None);
        Assert.Equal(2, (await alone.SayAsync(alone.Hosted[0], "alone")).Epoch);
    }

    [Fact]
    public async Task A_folder_marked_as_restored_begins_a_new_epoch_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await nodes.Nodes[0].StopAsync();
        var options = nodes.Nodes[0].Options;
        RestoreMark.Set(options.DataFolder);
        for (var start = 0; start < 2; start++)
        {
            await using var node = await TavernNode.StartAsync(options, CancellationToken.None);
            Assert.Equal(2, (await node.SayAsync(nodes.Jake, "restored")).Epoch);
        }
    }

    [Fact]
    public async Task A_damaged_lease_is_an_error_that_says_what_to_do()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await nodes.Nodes[0].StopAsync();
        var options = nodes.Nodes[0].Options;
        var lease = Path.Combine(options.KeysFolder, $"{nodes.Jake}.lease");
        foreach (var damage in (string[])["", "null", "{", "{\"schema\":1,\"tavern\":\"x\"}", "[]"])
        {
            File.WriteAllText(lease, damage);
            var refused = await Assert.ThrowsAsync<KeyFolderException>(() => TavernNode.StartAsync(options, CancellationToken.None));
            Assert.Contains(lease, refused.Message, StringComparison.Ordinal);
            Assert.Contains("delete it", refused.Message, StringComparison.Ordinal);
        }

        File.Delete(lease);
        RestoreMark.Set(options.DataFolder);
        await using var node = await TavernNode.StartAsync(options, CancellationToken.None);
        Assert.Equal(2, (await node.SayAsync(nodes.Jake, "go on")).Epoch);
    }

    [Fact]
    public async Task Without_a_place_for_the_lease_nothing_is_written_and_it_is_again_once_there_is_one()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        await nodes.Nodes[0].StopAsync();
        var options = nodes.Nodes[0].Options;
        var lease = Path.Combine(options.KeysFolder, $"{nodes.Jake}.lease");
        await using var node = await TavernNode.StartAsync(options, CancellationToken.None);
        var wanted = (await node.GetStatusAsync(nodes.Jake, CancellationToken.None)).LogLength;
        File.Delete(lease);
        Directory.CreateDirectory(Path.Combine(lease, "in the way"));
        var refused = 0;
        for (var i = 0; i < 1500 && refused == 0; i++)
        {
            try
            {
                await node.SayAsync(nodes.Jake, $"{i}");
            }
            catch (AppendRefusedException e)
            {
                Assert.Contains("keys folder", e.Message, StringComparison.Ordinal);
                Assert.Equal(AppendRefusal.NoLease, e.Reason);
                refused++;
            }
        }

        Assert.Equal(1, refused);
        Directory.Delete(lease, recursive: true);
        Assert.True((await node.SayAsync(nodes.Jake, "again")).Sequence > wanted);
    }

    private static async Task SettledAsync(TestNodes nodes)
    {
        for (var i = 0; i < nodes.Nodes.Count; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        await nodes.UntilConvergedAsync();
    }

    private static string Copy(string folder)
    {
        var copy = folder + "-copy-" + Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>As <c>cp -a</c> does it: into the files that are there, with their old dates.</summary>
    private static void PutBack(string copy, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            if (!File.Exists(Path.Combine(copy, Path.GetFileName(file)))) File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(copy))
        {
            var path = Path.Combine(folder, Path.GetFileName(file));
            File.WriteAllBytes(path, File.ReadAllBytes(file));
            File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(file));
        }
    }
}
