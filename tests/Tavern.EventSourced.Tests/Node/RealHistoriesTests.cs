using System.Text.Json;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

/// <summary>All real chats in one tavern of several nodes that talk HTTP/2.</summary>
public class RealHistoriesTests
{
    [SkippableFact]
    public async Task All_chats_imported_at_different_nodes_are_the_same_events_everywhere()
    {
        var files = RecordedFiles.Require("who-and-when", "*.json");
        await using var nodes = await TestNodes.StartAsync(3, http: true);
        for (var i = 1; i < 3; i++) await nodes.Nodes[i].UntilAnnouncedAsync(nodes.AgentOf(i));
        var doors = nodes.Nodes.Select(node => new LocalDoor(node)).ToList();
        var answers = await Task.WhenAll(doors.Select((door, i) => ImportAsync(door, nodes.AgentOf(i), files.Where((_, n) => n % 3 == i))));
        await nodes.UntilConvergedAsync();

        var histories = answers.SelectMany(answer => answer.Histories).ToList();
        Assert.Equal(126, histories.Count);
        Assert.Equal(1099, histories.Sum(history => history.Events));
        Assert.All(histories, history => Assert.False(history.AlreadyThere));
        Assert.All(histories, history => Assert.NotNull(history.Mistake));

        var exports = await Task.WhenAll(doors.Select(ExportAsync));
        Assert.Equal(1099, exports[0].Values.Count(view => view.Type == "MessageSent"));
        Assert.All(exports, export => Assert.Equal(
            exports[0].OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value.Hash)), export.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value.Hash))));
        Assert.All(exports[1].Values.Where(view => view.Type == "MessageSent"), view => Assert.Null(view.At));
        RequireTexts(files, histories, exports[2]);
    }

    /// <summary>Every message, to the letter, at a node that did not import most of them.</summary>
    private static void RequireTexts(IReadOnlyList<string> files, List<ImportedHistory> histories, Dictionary<string, EventView> export)
    {
        foreach (var file in files)
        {
            var agents = histories.Single(history => history.File == Path.GetFileName(file)).Agents.ToDictionary(line => line.Recorded, line => line.Agent.Id);
            var next = agents.Values.ToDictionary(id => id, _ => 0);
            EventView? before = null;
            foreach (var message in JsonElement.Parse(File.ReadAllBytes(file)).GetProperty("history").EnumerateArray())
            {
                var agent = agents[message.GetProperty("name").GetString()!];
                var view = export[$"{agent}:{++next[agent]}"];
                Assert.Equal(message.GetProperty("content").GetString(), view.Payload!.Value.GetProperty("text").GetString());
                Assert.Equal(before is null ? [] : [before.Id], view.Causes.Select(cause => cause.Id));
                before = view;
            }
        }
    }

    private static Task<ImportedAnswer> ImportAsync(LocalDoor door, AgentId importer, IEnumerable<string> files) => door.SendAsync(
        new ImportHistories(importer.ToString(), "who-and-when", [.. files.Select(file => new HistoryFile(Path.GetFileName(file), File.ReadAllBytes(file)))]),
        CancellationToken.None);

    private static async Task<Dictionary<string, EventView>> ExportAsync(LocalDoor door)
    {
        var views = new Dictionary<string, EventView>();
        var answer = await door.SendAsync(new ExportLog(), CancellationToken.None);
        await foreach (var view in answer.Events) views.Add(view.Id, view);
        return views;
    }
}
