using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>A node that lost its log and knows no other node to get it back from does not go on with an empty one: an own number that had
/// not spread would be used twice. See <see cref="LostDataTests"/> for nodes that know others.</summary>
public class LostLogTests
{
    [Theory]
    [InlineData(0, "removed")]
    [InlineData(0, "emptied")]
    [InlineData(0, "emptied of tables")]
    [InlineData(0, "removed but for its write-ahead log")]
    public async Task A_node_whose_log_is_gone_does_not_start_and_starts_again_with_a_copy_of_it(int number, string damage)
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await nodes.Nodes[1].UntilAnnouncedAsync(nodes.AgentOf(1));
        var (node, agent) = (nodes.Nodes[number], nodes.AgentOf(number));
        var other = nodes.Nodes[1 - number];
        await other.StopAsync(); // what is written now does not spread
        var acknowledged = await node.SayAsync(agent, "only here");
        await node.StopAsync();
        var (path, copy) = (Path.Combine(node.Options.DataFolder, "events.db"), Path.Combine(node.Options.DataFolder, "copy"));
        File.Copy(path, copy);
        Lose(path, damage);
        var left = File.Exists(path) ? await File.ReadAllBytesAsync(path) : null;

        foreach (var open in (Func<NodeOptions, CancellationToken, Task<TavernNode>>[])[TavernNode.StartAsync, TavernNode.StartAsync, TavernNode.OpenReadOnlyAsync])
        {
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => open(node.Options, CancellationToken.None));
            Assert.True(refused.IsDamaged);
            Assert.Contains("is gone", refused.Message, StringComparison.Ordinal);
            Assert.Contains("used twice", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Restore the newest copy", refused.Message, StringComparison.Ordinal);
            Assert.Contains("new invitation", refused.Message, StringComparison.Ordinal);
            Assert.Contains("tavern fsck", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(left, File.Exists(path) ? await File.ReadAllBytesAsync(path) : null);
        if (damage.EndsWith("log", StringComparison.Ordinal)) Assert.Equal([1], await File.ReadAllBytesAsync(path + "-wal")); // it might still help
        File.Delete(path + "-wal");
        File.Move(copy, path, overwrite: true);
        await using var restored = await TavernNode.StartAsync(node.Options, CancellationToken.None);
        var said = await restored.SayAsync(agent, "and on");
        Assert.True(said.Epoch > acknowledged.Epoch || said.Sequence > acknowledged.Sequence, $"{said} after {acknowledged}");
    }

    [Fact]
    public async Task A_newcomer_may_start_without_a_log_until_it_has_started_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", null, CancellationToken.None);
        var options = nodes.NewOptions("gimli");
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        Assert.True(TavernFile.Read(nodes.Nodes[0].Options.DataFolder).Stored);
        Assert.False(TavernFile.Read(options.DataFolder).Stored);
        await using (await TavernNode.StartAsync(options, CancellationToken.None)) { }
        Assert.True(TavernFile.Read(options.DataFolder).Stored);
        Lose(Path.Combine(options.DataFolder, "events.db"), "removed");
        await Assert.ThrowsAsync<StoreRefusedException>(() => TavernNode.OpenReadOnlyAsync(options, CancellationToken.None));
    }

    [Fact]
    public async Task A_folder_of_an_earlier_version_learns_at_its_next_start_that_it_has_a_log_and_keeps_knowing_it()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var options = nodes.Nodes[0].Options;
        await nodes.Nodes[0].StopAsync();
        (TavernFile.Read(options.DataFolder) with { Stored = false }).Write(options.DataFolder);
        await using (var node = await TavernNode.StartAsync(options, CancellationToken.None))
        {
            Assert.True(TavernFile.Read(options.DataFolder).Stored);
            await node.SpawnHereAsync(nodes.Jake, "bilbo", null, CancellationToken.None);
        }

        Assert.True(TavernFile.Read(options.DataFolder).Stored);
    }

    private static void Lose(string path, string damage)
    {
        foreach (var suffix in (string[])["-wal", "-shm"]) File.Delete(path + suffix);
        switch (damage)
        {
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "emptied of tables":
                SoundStore.Run(path, "delete from sqlite_schema; vacuum");
                break;
            case "removed":
                File.Delete(path);
                break;
            default:
                File.Delete(path);
                File.WriteAllBytes(path + "-wal", [1]);
                break;
        }
    }
}
