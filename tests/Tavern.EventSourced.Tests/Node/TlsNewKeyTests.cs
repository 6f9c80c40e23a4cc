using System.Text;
using System.Threading.Channels;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Real nodes between which TLS stands: new keys get through to those that have not heard of them, and old ones do not get in any more.</summary>
public sealed class TlsNewKeyTests : IAsyncLifetime
{
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>(); // by gandalf's node
    private TestNodes _nodes = null!;

    public async Task InitializeAsync()
    {
        _nodes = await TestNodes.StartAsync(3, http: true, change: (number, options) => options with
        {
            GossipListen = new Uri("https://127.0.0.1:0"),
            Tell = line => _ = number == 1 && _told.Writer.TryWrite(line),
        });
        for (var i = 0; i < 3; i++) await _nodes.Nodes[i].UntilAnnouncedAsync(_nodes.AgentOf(i));
        await _nodes.UntilConvergedAsync();
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task A_root_that_was_recovered_alone_on_its_node_brings_the_recovery_to_peers_that_ran_all_along()
    {
        var recovery = await RecoverAsync();
        await _nodes.StartAgainAsync(0, options => options);
        var said = await _nodes.Nodes[0].SayAsync(_nodes.Jake, "with a new key");
        Assert.Equal(recovery.Epoch + 1, said.Epoch);
        for (var i = 1; i < 3; i++)
        {
            await TestNodes.UntilDeliveredAsync(_nodes.Nodes[i], _nodes.AgentOf(i), said);
            await TestNodes.UntilDeliveredAsync(_nodes.Nodes[i], _nodes.AgentOf(i), recovery);
        }

        var replied = await _nodes.Nodes[1].SayAsync(_nodes.AgentOf(1), "welcome back");
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[0], _nodes.Jake, replied);
    }

    [Fact]
    public async Task The_old_key_gets_in_until_the_recovery_is_held_and_never_again_afterwards()
    {
        using var stolen = EcdsaSigner.FromPem(await File.ReadAllTextAsync(KeyFile(0)));
        var recovery = await RecoverAsync();
        Assert.IsNotType<GossipMessage.Refused>(await CallGandalfAsync(stolen)); // nothing that gandalf holds says that the key is not the root's

        await _nodes.StartAgainAsync(0, options => options);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[1], _nodes.AgentOf(1), recovery);
        var refused = await Assert.ThrowsAsync<TransportException>(() => CallGandalfAsync(stolen));
        Assert.Contains($"it refused this node: the agents that it speaks for ({_nodes.Jake}) sign with keys that are not theirs here: {_nodes.Jake} has a newer key", refused.Message, StringComparison.Ordinal);
        await UntilToldAsync($"{_nodes.Jake} has a newer key");
    }

    [Fact]
    public async Task An_agent_brings_the_record_of_its_new_key_to_peers_that_were_parted_from_whoever_wrote_it()
    {
        var (gandalf, legolas) = (_nodes.AgentOf(1), _nodes.AgentOf(2));
        await _nodes.Nodes[2].PauseGossipAsync(legolas, [], CancellationToken.None);
        var rekeyed = await RekeyGandalfAsync(keepsData: true);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[1], gandalf, rekeyed);
        var said = await _nodes.Nodes[1].SayAsync(gandalf, "with a new key");
        await _nodes.StopAsync(0);

        Assert.False(await _nodes.Nodes[2].History.ReadAsync(reader => reader.HasDelivered(legolas, rekeyed), CancellationToken.None));
        await _nodes.Nodes[2].ResumeGossipAsync(legolas, [], CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[2], legolas, said);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[2], legolas, rekeyed);
    }

    [Fact]
    public async Task An_invitation_with_a_new_key_gets_its_agent_in_while_nobody_there_has_heard_of_the_key()
    {
        var (gandalf, legolas) = (_nodes.AgentOf(1), _nodes.AgentOf(2));
        var heard = await _nodes.Nodes[1].SayAsync(gandalf, "before");
        await _nodes.UntilConvergedAsync();
        await _nodes.Nodes[2].PauseGossipAsync(legolas, [_nodes.Jake, gandalf], CancellationToken.None);
        var rekeyed = await RekeyGandalfAsync(keepsData: false, beforeStart: () => _nodes.StopAsync(0));
        await _nodes.Nodes[2].ResumeGossipAsync(legolas, [_nodes.Jake, gandalf], CancellationToken.None);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[1], gandalf, heard); // from legolas, who believes the trail
        Assert.False(await _nodes.Nodes[2].History.ReadAsync(reader => reader.HasDelivered(legolas, rekeyed), CancellationToken.None));

        await _nodes.StartAgainAsync(0, options => options); // only its log has the record, without which no new chain begins
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[1], gandalf, rekeyed);
        var said = await _nodes.Nodes[1].SayAsync(gandalf, "again");
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[2], legolas, said);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_newcomer_believes_a_seed_whose_key_is_newer_than_the_tavern(int seed)
    {
        var given = await (seed == 0 ? RecoverAsync() : RekeyGandalfAsync(keepsData: true));
        if (seed == 0) await _nodes.StartAgainAsync(0, options => options);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[seed], _nodes.AgentOf(seed), given);
        await _nodes.Nodes[seed].SayAsync(_nodes.AgentOf(seed), "with a new key"); // before that the spawn could not be written
        var invitation = await _nodes.Nodes[seed].InviteAsync(_nodes.AgentOf(seed), "frodo", null, CancellationToken.None);
        Assert.Equal(_nodes.AgentOf(seed), invitation.Seeds[0].Agent);
        for (var i = 0; i < 3; i++)
            if (i != seed) await _nodes.StopAsync(i);
        var options = _nodes.NewOptions("frodo") with { GossipListen = new Uri("https://127.0.0.1:0") };
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation with { Seeds = [invitation.Seeds[0]] }, TimeProvider.System, CancellationToken.None);
        await using var frodos = await TavernNode.StartAsync(options, CancellationToken.None);
        await frodos.WaitUntilVouchedAsync(invitation.Agent, CancellationToken.None).WaitAsync(TestNodes.Deadline);
        await TestNodes.UntilDeliveredAsync(_nodes.Nodes[seed], _nodes.AgentOf(seed), await frodos.SayAsync(invitation.Agent, "heard"));
    }

    /// <summary>Waits until people at gandalf's node were told something.</summary>
    private async Task UntilToldAsync(string words)
    {
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        while (!(await _told.Reader.ReadAsync(deadline.Token)).Contains(words, StringComparison.Ordinal))
        {
        }
    }

    /// <summary>Stops the root's node, loses the key, and recovers the root.</summary>
    private async Task<EventId> RecoverAsync()
    {
        var options = _nodes.Nodes[0].Options;
        await _nodes.StopAsync(0);
        File.Delete(KeyFile(0));
        return await RootRecovery.RunAsync(options.DataFolder, options.KeysFolder, null, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>Stops gandalf's node, loses its key, lets jake give a new one, and starts the node with it.</summary>
    private async Task<EventId> RekeyGandalfAsync(bool keepsData, Func<Task>? beforeStart = null)
    {
        await _nodes.StopAsync(1);
        File.Delete(KeyFile(1));
        var answer = await new LocalDoor(_nodes.Nodes[0]).SendAsync(new RekeyAgent("jake", "gandalf"), CancellationToken.None);
        if (beforeStart is not null) await beforeStart();
        var elsewhere = _nodes.NewOptions("gandalf-again");
        var folder = keepsData ? _nodes.Nodes[1].Options.DataFolder : elsewhere.DataFolder;
        var keys = keepsData ? _nodes.Nodes[1].Options.KeysFolder : elsewhere.KeysFolder;
        var invitation = Invitation.FromJson(Encoding.UTF8.GetBytes(answer.Invitation.GetRawText()));
        invitation = invitation with { Seeds = [.. invitation.Seeds, new SeedAddress(_nodes.AgentOf(2), _nodes.Nodes[2].GossipAddress!)] };
        await TavernFounding.JoinAsync(folder, keys, invitation, TimeProvider.System, CancellationToken.None);
        await _nodes.StartAgainAsync(1, options => options with { DataFolder = folder, KeysFolder = keys });
        return EventId.Parse(answer.Event.Id);
    }

    /// <summary>Calls gandalf's node in the root's name, with some key.</summary>
    private async Task<GossipMessage> CallGandalfAsync(EcdsaSigner key)
    {
        using var verifier = new SharedVerifier();
        using var thief = new NodeProofs(_nodes.Nodes[1].Tavern, (_, _, _) => new KeyFinding(KeyStanding.Known), verifier, _ => { });
        thief.Add(_nodes.Jake, key, []);
        await using var transport = TlsTavern.Create(thief);
        var call = new GossipEnvelope(GossipEnvelope.TavernTag(_nodes.Nodes[1].Tavern), _nodes.Jake, _nodes.AgentOf(1), new GossipMessage.Syn(99, 99, 0, []));
        return await transport.CallAsync(_nodes.Nodes[1].GossipAddress!, call, CancellationToken.None).AsTask().WaitAsync(TestNodes.Deadline);
    }

    private string KeyFile(int node) => Path.Combine(_nodes.Nodes[node].Options.KeysFolder, $"{_nodes.AgentOf(node)}.pem");
}
