using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class NewcomerTests
{
    [Fact]
    public async Task A_newcomer_hears_everything_through_one_seed_and_is_heard_by_all()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        await nodes.Nodes[1].UntilAnnouncedAsync(nodes.AgentOf(1));
        await nodes.Nodes[2].UntilAnnouncedAsync(nodes.AgentOf(2));
        var said = await nodes.Nodes[2].SayAsync(nodes.AgentOf(2), "I am new here.");
        for (var i = 0; i < 3; i++) await TestNodes.UntilDeliveredAsync(nodes.Nodes[i], nodes.AgentOf(i), said);
        await nodes.UntilConvergedAsync();
        var names = await nodes.Nodes[2].History.ReadAsync(reader => reader.View(nodes.AgentOf(2)).Names, CancellationToken.None);
        Assert.Equal(["jake", "gandalf", "legolas"], Enumerable.Range(0, 3).Select(i => names.DisplayNameOf(nodes.AgentOf(i))));
    }

    [Fact]
    public async Task A_newcomer_whose_seed_dies_after_the_first_exchange_gets_everywhere_once_the_others_have_heard_of_it()
    {
        var hub = new InProcessHub();
        await using var nodes = await TestNodes.StartAsync(3, change: (i, options) => options with { Transport = _ => hub.Create($"node{i}") });
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "late", null, CancellationToken.None);
        await nodes.UntilConvergedAsync();
        var options = nodes.NewOptions("late") with { Transport = _ => hub.Create("late") };
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        await using var late = await TavernNode.StartAsync(options, CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(late, invitation.Agent, new EventId(nodes.Jake, 1, 1));
        await nodes.Nodes[0].StopAsync();

        var said = await late.SayAsync(invitation.Agent, "Where is everybody?");
        for (var i = 1; i < 3; i++) await TestNodes.UntilDeliveredAsync(nodes.Nodes[i], nodes.AgentOf(i), said);
        var answer = await nodes.Nodes[2].SayAsync(nodes.AgentOf(2), "Here.");
        await TestNodes.UntilDeliveredAsync(late, invitation.Agent, answer);
    }

    [Fact]
    public async Task A_newcomer_whose_seed_is_away_starts_and_its_appends_are_refused_with_the_reason()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "late", null, CancellationToken.None);
        var options = nodes.NewOptions("late") with { Transport = _ => new InProcessHub().Create("late") }; // a hub of its own: nobody is there
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        await using var late = await TavernNode.StartAsync(options, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<AppendRefusedException>(() => late.SayAsync(invitation.Agent, "hello?"));
        Assert.Equal(AppendRefusal.NotVouched, refused.Reason);
        Assert.Equal(0, (await late.GetStatusAsync(invitation.Agent, CancellationToken.None)).LogLength);
    }

    [Fact]
    public async Task Strangers_wrong_taverns_and_wrong_addressees_are_refused()
    {
        var hub = new InProcessHub();
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Transport = _ => hub.Create("jake") });
        await using var caller = hub.Create("stranger");
        using var key = EcdsaSigner.Create();
        var syn = new GossipMessage.Syn(1, 1, 0, []);
        var tag = GossipEnvelope.TavernTag(nodes.Nodes[0].Tavern);
        Assert.Equal(RefusalReason.Stranger, await CallAsync(new GossipEnvelope(tag, key.Agent, nodes.Jake, syn)));
        Assert.Equal(RefusalReason.Stranger, await CallAsync(new GossipEnvelope(tag, key.Agent, nodes.Jake, new GossipMessage.Ask(1, "{}"u8.ToArray()))));
        Assert.Equal(RefusalReason.NotHosted, await CallAsync(new GossipEnvelope(tag, nodes.Jake, key.Agent, syn)));
        Assert.Equal(RefusalReason.WrongTavern, await CallAsync(new GossipEnvelope(tag + 1, nodes.Jake, nodes.Jake, syn)));
        Assert.Empty((await nodes.Nodes[0].GetStatusAsync(nodes.Jake, CancellationToken.None)).Peers);

        async Task<RefusalReason?> CallAsync(GossipEnvelope call) =>
            (await caller.CallAsync(nodes.Nodes[0].GossipAddress!, call, CancellationToken.None) as GossipMessage.Refused)?.Reason;
    }

    [Fact]
    public async Task An_invitation_survives_its_file_and_a_forged_one_is_refused()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", "axe", CancellationToken.None);
        var read = Invitation.FromJson(invitation.ToJson());
        Assert.Equal(invitation.Agent, read.Agent);
        Assert.Equal(invitation.Seeds.AsEnumerable(), read.Seeds.AsEnumerable());
        Assert.Equal(invitation.SpawnPath.Select(record => record.Hash), read.SpawnPath.Select(record => record.Hash));

        using var other = EcdsaSigner.Create();
        foreach (var forged in (Invitation[])
        [
            invitation with { PrivateKeyPem = other.ToPem() },
            invitation with { Agent = other.Agent, PrivateKeyPem = other.ToPem() },
            invitation with { Tavern = Hash.Of([1]) },
            invitation with { RootKey = other.PublicKey.ToArray() },
            invitation with { SpawnPath = [invitation.SpawnPath[1]] },
            invitation with { Seeds = [] },
        ])
            Assert.Throws<NodeFileException>(() => Invitation.FromJson(forged.ToJson()));
    }

    [Fact]
    public async Task A_data_folder_holds_one_tavern()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var options = nodes.Nodes[0].Options;
        await Assert.ThrowsAsync<NodeFileException>(() =>
            TavernFounding.FoundAsync(options.DataFolder, options.KeysFolder, "Another", "jill", TimeProvider.System, CancellationToken.None));
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "gimli", null, CancellationToken.None);
        await Assert.ThrowsAsync<NodeFileException>(() => TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None));
        Assert.False(KeyFolder.Open(options.KeysFolder).Holds(invitation.Agent));
    }
}
