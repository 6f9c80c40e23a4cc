using Tavern.EventSourced.ContainerTests.Support;
using Tavern.EventSourced.Node.Requests;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Real histories, imported at nodes that are processes of their own.</summary>
public class RecordedHistoriesTests
{
    [SkippableFact]
    public async Task Three_histories_imported_at_three_processes_are_the_same_events_at_each()
    {
        var files = RecordedFiles.Require("who-and-when", "*.json").Take(2).Append(RecordedFiles.RequireOne("shiviz", "chord.log")).ToList();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var tavern = await TavernOfProcesses.StartAsync("jake", "gandalf", "legolas");
        var imported = await Task.WhenAll(tavern.Members.Select((member, i) => member.SendAsync(
            new ImportHistories(member.Name, files[i].EndsWith(".log", StringComparison.Ordinal) ? "shiviz" : "who-and-when", [FileOf(files[i])]) { Prefixed = true },
            deadline.Token)));
        await tavern.UntilConvergedAsync(deadline.Token);

        var exports = new List<SortedDictionary<string, string>>();
        foreach (var member in tavern.Members)
        {
            var export = new SortedDictionary<string, string>(StringComparer.Ordinal);
            await foreach (var view in (await member.SendAsync(new ExportLog(), deadline.Token)).Events.WithCancellation(deadline.Token)) export.Add(view.Id, view.Hash);
            exports.Add(export);
        }

        Assert.All(exports, export => Assert.Equal(exports[0], export));
        foreach (var history in imported.SelectMany(answer => answer.Histories))
            foreach (var (agent, _, events) in history.Agents)
                for (var sequence = 1; sequence <= events; sequence++) Assert.Contains($"{agent.Id}:{sequence}", exports[0].Keys);
        Assert.Equal(1235, imported[2].Histories[0].Events);
    }

    private static HistoryFile FileOf(string path) => new(Path.GetFileName(path), File.ReadAllBytes(path));
}
