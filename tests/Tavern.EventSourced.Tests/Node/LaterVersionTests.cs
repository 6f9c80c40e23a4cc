using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>An agent of a later version among nodes of this one: what it writes reaches everybody as it is.</summary>
public class LaterVersionTests
{
    private static readonly EventDraft[] Drafts =
    [
        new("TaskCreated", 1, """{ "title":"Find the ring", "urgency" : {"high": 1e2} }"""u8.ToArray()), // a field that nobody knows
        new("CoffeeBrewed", 3, """{"cups" : [2, 2.0],  "to":"all"}"""u8.ToArray()), // a type
        new("TaskCreated", 99, """{"name":"in another shape"}"""u8.ToArray()), // a version of a type
        new("MessageSent", 1, """{"text":"hello"}"""u8.ToArray()),
    ];

    [Fact]
    public async Task Its_records_are_delivered_forwarded_and_shown_byte_for_byte()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        using var signer = EcdsaSigner.Create();
        var later = new ChainId(signer.Agent, 1);
        var spawned = (await nodes.AppendAsync(0, new AgentSpawned(later.Agent, "elrond", signer.PublicKey.ToArray())))[0];
        await TestNodes.UntilDeliveredAsync(nodes.Nodes[1], nodes.AgentOf(1), spawned);
        var headHash = await nodes.Nodes[0].History.ReadAsync(reader => reader.Record(spawned).Hash, CancellationToken.None);
        var written = new List<Segment>();
        foreach (var draft in Drafts)
        {
            written.Add(LaterVersion.Write(nodes.Nodes[0].Tavern, later, signer, written.Count, headHash, draft));
            headHash = written[^1].HeadHash;
        }

        await nodes.PushAsync(later.Agent, 1, [.. written]); // the others hear it from node 1, and from each other

        for (var node = 0; node < 3; node++)
        {
            await TestNodes.UntilDeliveredAsync(nodes.Nodes[node], nodes.AgentOf(node), later[Drafts.Length]);
            if (node == 2) await nodes.RestartAsync(node); // read back from its store
            var door = new LocalDoor(nodes.Nodes[node]);
            foreach (var record in written.Select(segment => segment.Records[0]))
            {
                var held = await nodes.Nodes[node].History.ReadAsync(reader => reader.Record(record.Id), CancellationToken.None);
                Assert.Equal(record.HeaderBytes.ToArray(), held.HeaderBytes.ToArray());
                Assert.Equal(record.Payload.ToArray(), held.Payload.ToArray());
                var shown = await door.SendAsync(new ShowEvent($"elrond:{record.Id.Sequence}", Local: true), CancellationToken.None);
                Assert.Equal((record.Hash.ToString(), "good"), (shown.Event.Hash, shown.Signature.State));
                Assert.Equal(System.Text.Encoding.UTF8.GetString(record.Payload.Span), shown.Event.Payload?.GetRawText());
            }

            var view = await nodes.Nodes[node].History.ReadAsync(reader => reader.View(nodes.AgentOf(node)), CancellationToken.None);
            Assert.Equal("Find the ring", Assert.Single(view.Tasks).Value.Title.Value);
            Assert.Equal(1, view.UnknownTypes["CoffeeBrewed"]);
            var replay = await door.SendAsync(new ReplayLog(), CancellationToken.None);
            Assert.True(replay.Verified, string.Join('\n', replay.Faults));
        }

        var options = nodes.Nodes[2].Options;
        await nodes.Nodes[2].StopAsync();
        var findings = DataFolderCheck.Run(options.DataFolder, options.KeysFolder, Findings.DefaultMax, TimeProvider.System, _ => { }, CancellationToken.None);
        Assert.True(findings.Sound, string.Join('\n', findings.Findings));
    }
}
