using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>Real nodes, and an agent without one that signs two lines and tells them to different nodes.</summary>
public class ForkedAgentTests
{
    [Fact]
    public async Task Every_honest_node_comes_to_hold_both_lines_and_shows_the_fork()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        using var signer = EcdsaSigner.Create();
        var saruman = new ChainId(AgentId.FromPublicKey(signer.PublicKey.Span), 1);
        var spawned = (await nodes.AppendAsync(0, new AgentSpawned(saruman.Agent, "saruman", signer.PublicKey.ToArray())))[0];
        for (var node = 0; node < 3; node++) await TestNodes.UntilDeliveredAsync(nodes.Nodes[node], nodes.AgentOf(node), spawned);
        var voucher = await nodes.Nodes[0].History.ReadAsync(reader => reader.Record(spawned).Hash, CancellationToken.None);
        var writer = new ChainWriter(nodes.Nodes[0].Tavern, saruman, signer);
        var common = Write(0, voucher, "I am on your side", "so I am");
        var (to, other) = (Write(2, common.HeadHash, "the ring goes east"), Write(2, common.HeadHash, "the ring goes west", "far west"));
        await nodes.PushAsync(saruman.Agent, 1, common, to);
        await nodes.PushAsync(saruman.Agent, 2, common, other);

        for (var node = 0; node < 3; node++)
        {
            var agent = nodes.AgentOf(node);
            await TestNodes.UntilAsync(
                nodes.Nodes[node], agent,
                reader => ForkPoints.Of(reader.Causality, reader.Clock(agent)).LastSharedOf(saruman) is not null && reader.View(agent).Agents[saruman.Agent].Fork is not null,
                $"node {node} has both lines and a proof");
        }

        await nodes.RestartAsync(1);
        for (var node = 0; node < 3; node++)
        {
            var door = new LocalDoor(nodes.Nodes[node]);
            var answer = await door.SendAsync(new GetForks(), CancellationToken.None);
            var fork = Assert.Single(answer.Forks);
            Assert.Equal(("saruman", "saruman:2", 3L, 3L), (fork.Agent.Name, fork.LastShared!.Name, fork.PartsAt, fork.Quarantined));
            Assert.NotNull(fork.ExposedBy);
            Assert.Equal(new[] { to, other }.Select(segment => segment.Records[0].Hash.ToString()).Order(), fork.Lines.Select(line => line.FirstHash).Order());
            Assert.Equal(new[] { to, other }.Select(segment => segment.HeadHash.ToString()).Order(), fork.Lines.Select(line => line.HeadHash).Order());
            Assert.Equal(["saruman/1:3", "saruman:3"], fork.Lines.Select(line => line.First.Name).Order(StringComparer.Ordinal));
            Assert.All(fork.Lines, line => Assert.NotEmpty(line.BuiltOn)); // whoever exposed it had both at hand
            Assert.All(fork.Lines, line => Assert.NotNull(line.Delivery?.From));
            Assert.Contains("new epoch", Assert.Single(fork.Next), StringComparison.Ordinal);

            var text = new StringWriter();
            ForksText.Show(new Terminal(text, TextWriter.Null, false, false), answer);
            Assert.Contains("saruman wrote two records in one place: number 3, after saruman:2", text.ToString(), StringComparison.Ordinal);
            await EventsAreFoundAsync(door, fork);
            await TheLogMarksWhatIsQuarantinedAsync(door);
            var replay = await door.SendAsync(new ReplayLog(), CancellationToken.None);
            Assert.True(replay.Verified, string.Join('\n', replay.Faults));
            var status = await door.SendAsync(new GetStatus(DeadlineSeconds: 0), CancellationToken.None);
            Assert.Contains(status.News, news => news.Contains("tavern show --forks", StringComparison.Ordinal));
            Assert.Equal("saruman:3", status.Agents.Single(row => row.Agent.Name == "saruman").ForkedAt?.Name);
            var export = await door.SendAsync(new ExportLog(), CancellationToken.None);
            var exported = await export.Events.Select(view => view.Hash).ToListAsync();
            Assert.Superset(new[] { common, to, other }.SelectMany(segment => segment.Records).Select(record => record.Hash.ToString()).ToHashSet(), exported.ToHashSet());
        }

        for (var node = 0; node < 3; node++) await UntilNobodyDiffersAsync(new LocalDoor(nodes.Nodes[node]));

        var options = nodes.Nodes[2].Options;
        await nodes.Nodes[2].StopAsync();
        var findings = DataFolderCheck.Run(options.DataFolder, options.KeysFolder, Findings.DefaultMax, TimeProvider.System, _ => { }, CancellationToken.None);
        Assert.True(findings.Sound, string.Join('\n', findings.Findings));

        Segment Write(long head, Hash headHash, params string[] texts) => writer.Write(
            [.. texts.Select(said => EventCatalogue.Draft(new MessageSent(said)))], head, headHash, [], [.. texts.Select((_, i) => new HybridTime(1_767_225_600_000 + head + i, 0))]).Single();
    }

    /// <summary>The nodes number the lines differently; asked for their clocks they mean the same. Saruman has no node that could answer.</summary>
    private static async Task UntilNobodyDiffersAsync(LocalDoor door)
    {
        using var deadline = new CancellationTokenSource(TestNodes.Deadline);
        while ((await door.SendAsync(new GetStatus(DeadlineSeconds: 5), deadline.Token)).Agreement == "differ") deadline.Token.ThrowIfCancellationRequested();
    }

    private static async Task TheLogMarksWhatIsQuarantinedAsync(LocalDoor door)
    {
        var log = await door.SendAsync(new ReadLog(Filter: new EventFilter { Agents = ["saruman"] }), CancellationToken.None);
        Assert.Equal(5, log.Entries.Count);
        Assert.All(log.Entries, entry => Assert.Equal(entry.Event.Name is not ("saruman:1" or "saruman:2"), entry.Quarantined));
        var text = new StringWriter();
        LogText.Show(new Terminal(text, TextWriter.Null, false, false), log, AgentNames.None, "tavern log saruman", forward: false);
        Assert.Equal(3, text.ToString().Split('\n').Count(line => line.Contains(", quarantined", StringComparison.Ordinal)));
    }

    /// <summary>By the number of the line, and by the start of the hash; by the plain name the line that was held first.</summary>
    private static async Task EventsAreFoundAsync(LocalDoor door, ForkRow fork)
    {
        foreach (var line in fork.Lines)
        {
            foreach (var name in (string[])[line.First.Name, $"saruman:3#{line.FirstHash[..8]}", $"{line.First.Name}#{line.FirstHash[..4]}"])
            {
                var found = await door.SendAsync(new ShowEvent(name, Local: true), CancellationToken.None);
                Assert.Equal((line.FirstHash, line.First.Name), (found.Event.Hash, found.Event.Name));
                Assert.Equal("good", found.Signature.State);
                Assert.Contains("quarantined", found.Event.Note, StringComparison.Ordinal);
                Assert.Contains(fork.Lines.Single(other => other != line).First.Name, found.Event.Note, StringComparison.Ordinal);
            }

            Assert.Equal(fork.LastShared!.Id, (await door.SendAsync(new GetRecord($"{line.First.Name}~1"), CancellationToken.None)).Id);
        }

        var refusal = await Assert.ThrowsAsync<DoorException>(() => door.SendAsync(new GetRecord("saruman:3#00000000"), CancellationToken.None));
        Assert.All(fork.Lines, line => Assert.Contains(line.FirstHash[..16], refusal.Message, StringComparison.Ordinal));
    }
}
