using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>A data folder with its keys, and an invitation, as a node of version 1 left them: jake's log, in which saruman's chain has forked and goes on
/// in an epoch that jake endorsed, with records of types and fields that nobody knows, and a subscription.</summary>
internal static class GoldenTavern
{
    private static readonly string Folder = Path.Combine(GoldenFile.Folder, "folder");

    /// <summary>A copy to work on: data folder, keys folder, invitation. Made first when it is missing and is to be written.</summary>
    public static async Task<(string Data, string Keys, string Invitation)> CopyAsync(string to)
    {
        if (GoldenFile.WritesMissing && !Directory.Exists(Folder)) await MakeAsync();
        var (data, keys, invitation) = (Path.Combine(to, "data"), Path.Combine(to, "keys"), Path.Combine(to, "invitation.json"));
        CopyPrivate(Path.Combine(Folder, "data"), data);
        CopyPrivate(Path.Combine(Folder, "keys"), keys);
        File.Copy(Path.Combine(Folder, "invitation.json"), invitation);
        return (data, keys, invitation);
    }

    /// <summary>What a node reads in such a folder, line by line.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> DescribeAsync(TavernNode node)
    {
        var (jake, lines) = (node.Hosted[0], new List<(string, string)>());
        lines.AddRange(await node.History.ReadAsync(
            reader => new[]
            {
                ("tavern", node.Tavern.ToString()),
                ("view", ViewHash.Of(reader.View(jake)).ToString()),
                ("cut", CanonicalCut.Of(reader.Clock(jake), reader.Causality, id => reader.Record(id).Hash).ToString()),
            },
            CancellationToken.None));
        await foreach (var position in node.Store.ReadPositionsAsync(jake, CancellationToken.None)) lines.Add(("subscription", $"{position.Subscription} {position.Position}"));
        await foreach (var receipt in node.Store.ReadReceiptsAsync(jake, 0, CancellationToken.None)) lines.Add(("receipt", $"{receipt}"));
        await foreach (var run in node.Store.ReadRunsAsync(jake, 1, CancellationToken.None))
            await foreach (var record in node.Store.ReadRecordsAsync(run.Chain, run.First, run.Last, CancellationToken.None))
                lines.Add(("log", $"{record.Id} {record.Header.Type} {record.Hash}"));
        return lines;
    }

    private static async Task MakeAsync()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var (node, jake) = (nodes.Nodes[0], nodes.Jake);
        var invitation = await node.InviteAsync(jake, "legolas", "elf", CancellationToken.None);
        var task = (await nodes.AppendAsync(0, new TaskCreated("Brew ale"), new CommitmentMade("Ale for all"), new QuestionRaised("Where are the hops?")))[0];
        await nodes.AppendAsync(0, new TaskStarted(task), new StatusReported(AgentActivity.Working, "brewing", task));
        await node.AppendAsync(jake, [new EventDraft("CoffeeBrewed", 3, """{"cups" : 2}"""u8.ToArray()) { Causes = [task] }], AppendConditions.None, CancellationToken.None);
        await new LocalDoor(node).SendAsync(new MoveSubscription("jake", "clerk", 3), CancellationToken.None);
        await LieAsync(nodes);
        var options = node.Options;
        await node.StopAsync();

        CopyPrivate(options.DataFolder, Path.Combine(Folder, "data"), "tavern.json", "events.db");
        CopyPrivate(options.KeysFolder, Path.Combine(Folder, "keys"));
        await File.WriteAllBytesAsync(Path.Combine(Folder, "invitation.json"), invitation.ToJson());
    }

    private static async Task LieAsync(TestNodes nodes)
    {
        using var signer = EcdsaSigner.Create();
        var (node, jake, saruman) = (nodes.Nodes[0], nodes.Jake, new ChainId(signer.Agent, 1));
        var spawned = (await nodes.AppendAsync(0, new AgentSpawned(saruman.Agent, "saruman", signer.PublicKey.ToArray())))[0];
        await TestNodes.UntilDeliveredAsync(node, jake, spawned);
        var voucher = await node.History.ReadAsync(reader => reader.Record(spawned).Hash, CancellationToken.None);
        var writer = new ChainWriter(node.Tavern, saruman, signer);
        var first = Write(writer, 0, voucher, new MessageSent("I am on your side"));
        var common = LaterVersion.Write(
            node.Tavern, saruman, signer, 1, first.HeadHash, new EventDraft("TaskCreated", 1, """{"title":"Find the ring","urgency":{"high":true}}"""u8.ToArray()));
        var lines = (Segment[])[Write(writer, 2, common.HeadHash, new MessageSent("It goes east")), Write(writer, 2, common.HeadHash, new MessageSent("It goes west"), new MessageSent("far west"))];
        var later = Write(new ChainWriter(node.Tavern, new ChainId(saruman.Agent, 2), signer), 0, common.HeadHash, new EpochStarted(1, 2, common.HeadHash), new MessageSent("I repent"));
        await nodes.PushAsync(saruman.Agent, 0, first, common, lines[0]);
        await nodes.PushAsync(saruman.Agent, 0, lines[1]);
        await nodes.PushAsync(saruman.Agent, 0, later);
        await TestNodes.UntilAsync(
            node, jake, reader => reader.View(jake).Agents[saruman.Agent].Fork is not null && reader.HasDelivered(jake, later.Chain[2]), "jake has all of saruman and a proof");
        await nodes.AppendAsync(0, new EpochEndorsed(saruman.Agent, 2, later.Records[0].Hash));
    }

    private static Segment Write(ChainWriter writer, long head, Hash headHash, params TavernEvent[] bodies) => writer.Write(
        [.. bodies.Select(EventCatalogue.Draft)], head, headHash, [], [.. bodies.Select((_, i) => new HybridTime(1_767_225_600_000 + head + i, 0))]).Single();

    private static void CopyPrivate(string from, string to, params string[] only)
    {
        Directory.CreateDirectory(to);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.EnumerateFiles(from).Where(file => only.Length == 0 || only.Contains(Path.GetFileName(file))))
        {
            var copy = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, copy);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
