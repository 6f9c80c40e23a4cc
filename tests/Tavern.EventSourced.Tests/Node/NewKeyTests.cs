using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Real nodes whose agents lost their keys, or wrote two lines, and go on.</summary>
public class NewKeyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_whose_key_was_lost_goes_on_with_the_one_that_its_ancestor_gives_it(bool keepsData)
    {
        await using var nodes = await TestNodes.StartAsync(3);
        var gandalf = nodes.AgentOf(1);
        var heard = await SettledAsync(nodes, 1);
        var options = nodes.Nodes[1].Options;
        await nodes.Nodes[1].StopAsync();
        File.Delete(Path.Combine(options.KeysFolder, $"{gandalf}.pem"));
        if (!keepsData) options = nodes.NewOptions("gandalf-again");

        var door = new LocalDoor(nodes.Nodes[0]);
        var rekeyed = await door.SendAsync(new RekeyAgent("jake", "gandalf"), CancellationToken.None);
        var invitation = Invitation.Read(Write(nodes.Nodes[0].Options.DataFolder + ".invitation", rekeyed));
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        await using var again = await TavernNode.StartAsync(options, CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(again, gandalf, EventId.Parse(rekeyed.Event.Id)); // until then nobody vouches for the new key
        var said = await again.SayAsync(gandalf, "I am back");
        Assert.Equal(2, said.Epoch);
        Assert.True(await again.History.ReadAsync(reader => reader.HasDelivered(gandalf, heard), CancellationToken.None));
        foreach (var (node, holder) in new[] { (nodes.Nodes[0], nodes.Jake), (nodes.Nodes[2], nodes.AgentOf(2)), (again, gandalf) })
        {
            await TestNodes.UntilAsync(node, holder, reader => Counts(reader, holder, said) && Counts(reader, holder, heard), "both are counted");
            var view = await node.History.ReadAsync(reader => reader.View(holder).Agents[gandalf], CancellationToken.None);
            Assert.Equal((2, rekeyed.Event.Id), (view.Epoch!.Value, view.Rekeyed!.DecidedBy.ToString()));
        }
    }

    [Fact]
    public async Task An_invitation_whose_new_key_is_shown_by_other_records_is_not_sound()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        await SettledAsync(nodes, 1);
        var (first, second) = (await nodes.Nodes[0].RekeyAsync(nodes.Jake, nodes.AgentOf(1), CancellationToken.None), await nodes.Nodes[0].RekeyAsync(nodes.Jake, nodes.AgentOf(1), CancellationToken.None));
        foreach (var (unsound, words) in new[]
        {
            (first with { KeyTrail = second.KeyTrail }, "is about another than"), (first with { KeyTrail = first.KeyTrail.RemoveAt(0) }, "does not found this tavern"),
        })
        {
            var options = nodes.NewOptions("gandalf-again");
            var refused = await Assert.ThrowsAsync<NodeFileException>(() => TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, unsound, TimeProvider.System, CancellationToken.None));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(options.DataFolder));
        }
    }

    [Fact]
    public async Task Who_may_not_give_a_key_is_told_so_and_nothing_is_written()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        await SettledAsync(nodes, 1);
        foreach (var (node, request, words) in new[]
        {
            (2, new RekeyAgent("legolas", "gandalf"), "only an agent above it"), (0, new RekeyAgent("jake", "jake"), "recovery key"), (1, new RekeyAgent("gandalf", "gandalf"), "only an agent above it"),
        })
        {
            var before = await nodes.Nodes[node].History.ReadAsync(reader => reader.LogLength(nodes.AgentOf(node)), CancellationToken.None);
            var refusal = await Assert.ThrowsAsync<DoorException>(() => new LocalDoor(nodes.Nodes[node]).SendAsync(request, CancellationToken.None));
            Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
            Assert.Equal(before, await nodes.Nodes[node].History.ReadAsync(reader => reader.LogLength(nodes.AgentOf(node)), CancellationToken.None));
        }

        using var key = EcdsaSigner.Create();
        await nodes.AppendAsync(0, new AgentSpawned(AgentId.FromPublicKey(key.PublicKey.Span), "silent", key.PublicKey.ToArray()));
        var silent = await Assert.ThrowsAsync<DoorException>(() => new LocalDoor(nodes.Nodes[0]).SendAsync(new RekeyAgent("jake", "silent"), CancellationToken.None));
        Assert.Contains("has written nothing", silent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_agent_writes_after_a_fork_counts_everywhere_once_its_ancestor_endorses_it()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        var (gandalf, jakes) = (nodes.AgentOf(1), new LocalDoor(nodes.Nodes[0]));
        await SettledAsync(nodes, 1);
        await RefusedAsync(jakes, Act.Endorse("jake", "gandalf"), "has not forked");
        await ForkAsync(nodes, 1, 0, 2);
        await RefusedAsync(jakes, Act.Endorse("jake", "gandalf"), "waits for an endorsement");

        await using var again = await TavernNode.StartAsync(nodes.Nodes[1].Options, CancellationToken.None);
        var said = await again.SayAsync(gandalf, "only one of me now");
        Assert.Equal(2, said.Epoch);
        (TavernNode Node, AgentId Agent)[] all = [(nodes.Nodes[0], nodes.Jake), (nodes.Nodes[2], nodes.AgentOf(2)), (again, gandalf)];
        foreach (var (node, holder) in all)
            await TestNodes.UntilAsync(node, holder, reader => reader.HasDelivered(holder, said) && reader.View(holder).Agents[gandalf].Waiting.Contains(2) && !Counts(reader, holder, said), "it waits");
        await RefusedAsync(new LocalDoor(nodes.Nodes[2]), Act.Endorse("legolas", "gandalf"), "only an agent above it");
        await RefusedAsync(jakes, Act.Endorse("jake", "jake"), "recover");

        await jakes.SendAsync(Act.Endorse("jake", "gandalf"), CancellationToken.None);
        foreach (var (node, holder) in all)
            await TestNodes.UntilAsync(node, holder, reader => reader.View(holder).Agents[gandalf].Waiting.IsEmpty && Counts(reader, holder, said), "it counts");
        await RefusedAsync(jakes, Act.Endorse("jake", "gandalf"), "waits for an endorsement");
    }

    [Fact]
    public async Task The_root_goes_on_after_a_fork_with_its_recovery_key_and_with_no_other()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        await SettledAsync(nodes, 0);
        await ForkAsync(nodes, 0, 1, 2);
        var options = nodes.Nodes[0].Options;
        EventId waits;
        await using (var alone = await TavernNode.StartAsync(options, CancellationToken.None))
        {
            waits = await alone.SayAsync(nodes.Jake, "with the key that signed both lines");
            for (var node = 1; node < 3; node++) await TestNodes.UntilDeliveredAsync(nodes.Nodes[node], nodes.AgentOf(node), waits);
        }

        var other = Path.Combine(options.KeysFolder, $"{nodes.Jake}.pem");
        var before = await File.ReadAllBytesAsync(other);
        await Assert.ThrowsAsync<KeyFolderException>(() => RootRecovery.RunAsync(options.DataFolder, options.KeysFolder, other, TimeProvider.System, CancellationToken.None));
        await Assert.ThrowsAsync<NodeFileException>(() => RootRecovery.RunAsync(nodes.NewOptions("nowhere").DataFolder, options.KeysFolder, null, TimeProvider.System, CancellationToken.None));
        Assert.Equal(before, await File.ReadAllBytesAsync(other));

        var recovery = await RootRecovery.RunAsync(options.DataFolder, options.KeysFolder, null, TimeProvider.System, CancellationToken.None);
        Assert.Equal(new EventId(nodes.Jake, waits.Epoch + 1, 1), recovery);
        await using var again = await TavernNode.StartAsync(options, CancellationToken.None);
        var said = await again.SayAsync(nodes.Jake, "with a new key");
        Assert.Equal(waits.Epoch + 2, said.Epoch);
        foreach (var (node, holder) in new[] { (again, nodes.Jake), (nodes.Nodes[1], nodes.AgentOf(1)), (nodes.Nodes[2], nodes.AgentOf(2)) })
        {
            await TestNodes.UntilAsync(node, holder, reader => Counts(reader, holder, said) && !Counts(reader, holder, waits), "the new epoch counts, the other one does not");
            Assert.Equal(recovery, await node.History.ReadAsync(reader => reader.View(holder).Agents[nodes.Jake].Rekeyed!.DecidedBy, CancellationToken.None));
        }
    }

    /// <summary>Stops a node; then somebody with its agent's key signs two lines, and tells each to another node.</summary>
    private static async Task ForkAsync(TestNodes nodes, int node, params int[] others)
    {
        var (agent, options) = (nodes.AgentOf(node), nodes.Nodes[node].Options);
        await nodes.Nodes[node].StopAsync();
        using var signer = KeyFolder.Open(options.KeysFolder).Load(agent);
        var last = await nodes.Nodes[others[0]].History.ReadAsync(
            reader => reader.Record(new EventId(agent, 1, reader.Clock(nodes.AgentOf(others[0]))[new ChainId(agent, 1)])), CancellationToken.None);
        var writer = new ChainWriter(nodes.Nodes[node].Tavern, new ChainId(agent, 1), signer);
        foreach (var (other, text) in others.Zip(["one line", "another line"]))
            await nodes.PushAsync(agent, other, writer.Write([EventCatalogue.Draft(new MessageSent(text))], last.Id.Sequence, last.Hash, [], [last.Header.Time])[0]);
        foreach (var other in others)
            await TestNodes.UntilAsync(nodes.Nodes[other], nodes.AgentOf(other), reader => reader.View(nodes.AgentOf(other)).Agents[agent].Forks.Count == 1, "the fork is known");
    }

    /// <summary>Says something at a node that everybody hears.</summary>
    private static async Task<EventId> SettledAsync(TestNodes nodes, int node)
    {
        for (var i = 0; i < nodes.Nodes.Count; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        var said = await nodes.Nodes[node].SayAsync(nodes.AgentOf(node), "before");
        await nodes.UntilConvergedAsync();
        return said;
    }

    private static async Task RefusedAsync(LocalDoor door, WriteEvent request, string words) => Assert.Contains(
        words, (await Assert.ThrowsAsync<DoorException>(() => door.SendAsync(request, CancellationToken.None))).Message, StringComparison.Ordinal);

    private static bool Counts(HistoryReader reader, AgentId holder, EventId message) =>
        reader.HasDelivered(holder, message) && reader.View(holder).Messages.Items.Any(item => item.Id == message);

    private static string Write(string path, InvitedAnswer answer)
    {
        using var file = InvitationFile.Create(path);
        file.Write(Invitation.FromJson(System.Text.Encoding.UTF8.GetBytes(answer.Invitation.GetRawText())));
        return path;
    }
}
