using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>What is left when something ends half way, and how one gets on from there.</summary>
public sealed class CutShortTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("tavern-cut-").FullName;

    private string Data => Path.Combine(_home, "data");

    private string Keys => Path.Combine(_home, "keys");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task A_founding_that_was_cut_short_before_its_last_file_says_what_to_delete_and_can_begin_again()
    {
        await FoundAsync();
        File.Delete(Path.Combine(Data, "tavern.json")); // the last file a founding writes
        var refused = await Assert.ThrowsAsync<NodeFileException>(FoundAsync);
        var files = Path.Combine(Data, "events.db");
        Assert.Contains($"delete {files}*", refused.Message, StringComparison.Ordinal);

        foreach (var file in Directory.GetFiles(Data, "events.db*")) File.Delete(file);
        var root = await FoundAsync();
        await using var node = await TavernNode.StartAsync(new NodeOptions { DataFolder = Data, KeysFolder = Keys }, CancellationToken.None);
        Assert.Equal(root, (await node.SayAsync(root, "here")).Agent);
    }

    [Fact]
    public async Task A_spawn_that_was_cut_short_before_its_event_is_finished_by_the_next_of_that_name()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var options = nodes.Nodes[0].Options;
        await nodes.Nodes[0].StopAsync();

        // As after a crash between the file and the event: the key is here, the file names the agent, nobody vouches for it.
        using var key = KeyFolder.Open(options.KeysFolder).Create();
        var file = TavernFile.Read(options.DataFolder);
        (file with { Hosted = file.Hosted.Add(new HostedName(key.Agent, "frodo")) }).Write(options.DataFolder);

        await nodes.RestartAsync(0);
        var node = nodes.Nodes[0];
        Assert.Equal(AppendRefusal.NotVouched, (await Assert.ThrowsAsync<AppendRefusedException>(() => node.SayAsync(key.Agent, "who am I?"))).Reason);
        await node.SayAsync(nodes.Jake, "the others go on");
        Assert.Equal(key.Agent, await node.SpawnHereAsync(nodes.Jake, "frodo", null, CancellationToken.None));
        await node.UntilAnnouncedAsync(key.Agent);
        await TestNodes.UntilDeliveredAsync(node, nodes.Jake, await node.SayAsync(key.Agent, "here"));
        Assert.Equal(2, node.Hosted.Count);
    }

    [Fact]
    public async Task A_spawn_that_was_cut_short_after_its_event_lives_from_the_next_start_on()
    {
        WatchedStore? store = null;
        TavernFile? atTheEvent = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with { Store = inner => store = new WatchedStore(inner) });
        var folder = nodes.Nodes[0].Options.DataFolder;
        store!.Before = batch =>
        {
            if (batch.Segments.SelectMany(stored => stored.Segment.Records).Any(record => record.Header.Type == nameof(AgentSpawned)))
                atTheEvent = TavernFile.Read(folder);
            return Task.CompletedTask;
        };
        var frodo = await nodes.Nodes[0].SpawnHereAsync(nodes.Jake, "frodo", null, CancellationToken.None);
        Assert.Contains(atTheEvent!.Hosted, hosted => hosted.Agent == frodo); // so no start can find the event without its agent
        await nodes.RestartAsync(0);
        await nodes.Nodes[0].UntilAnnouncedAsync(frodo);
        await nodes.Nodes[0].SayAsync(frodo, "here");
    }

    [Fact]
    public async Task A_spawn_that_is_refused_leaves_nobody_behind()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var invitation = await nodes.Nodes[0].InviteAsync(nodes.Jake, "late", null, CancellationToken.None);
        var options = nodes.NewOptions("late") with { Transport = _ => new EventSourced.Node.Transports.InProcessHub().Create("late") };
        await TavernFounding.JoinAsync(options.DataFolder, options.KeysFolder, invitation, TimeProvider.System, CancellationToken.None);
        await using var late = await TavernNode.StartAsync(options, CancellationToken.None); // has heard from nobody, so it cannot vouch
        await Assert.ThrowsAsync<AppendRefusedException>(() => late.SpawnHereAsync(invitation.Agent, "child", null, CancellationToken.None).AsTask());
        Assert.Single(late.Hosted);
        Assert.Single(TavernFile.Read(options.DataFolder).Hosted);
    }

    [Fact]
    public async Task A_spawn_whose_commit_is_in_doubt_keeps_its_agent_for_when_it_comes()
    {
        WatchedStore? store = null;
        await using var nodes = await TestNodes.StartAsync(1, change: (_, options) => options with
        {
            Store = inner => store = new WatchedStore(inner),
            AppendWaitMax = TimeSpan.FromMilliseconds(1),
        });
        var gate = new StoreGate();
        store!.Before = gate.PassAsync;
        var spawning = nodes.Nodes[0].SpawnHereAsync(nodes.Jake, "frodo", null, CancellationToken.None).AsTask();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => spawning);
        gate.Open();
        Assert.Equal(["jake", "frodo"], TavernFile.Read(nodes.Nodes[0].Options.DataFolder).Hosted.Select(hosted => hosted.Name));
        Assert.Equal(2, nodes.Nodes[0].Hosted.Count);
    }

    private Task<AgentId> FoundAsync() => TavernFounding.FoundAsync(Data, Keys, "inn", "jake", TimeProvider.System, CancellationToken.None);
}
