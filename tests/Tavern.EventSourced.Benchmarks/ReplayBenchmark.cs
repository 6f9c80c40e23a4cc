using System.Text.Json;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>Replay of 100,000 events from disk to a view. Floor: a lean select of the payloads, decoded and counted. Ours reads
/// headers too, rebuilds happens-before, the segment index and the log, and folds the whole view.</summary>
internal static class ReplayBenchmark
{
    private const int Events = 100_000;

    public static async Task RunAsync()
    {
        foreach (var batch in new[] { 100, 1 })
        {
            await using var tavern = await BenchTavern.StartAsync();
            using var lean = new LeanLog(tavern.PathOf("lean.db"));
            var payloads = Enumerable.Range(0, Events).Select(i => BenchTavern.Draft(i).Payload.ToArray()).ToList();
            foreach (var chunk in payloads.Chunk(1000)) lean.Append(chunk);
            await WriteAsync(tavern, batch);
            await tavern.Node.StopAsync();
            await Comparison.RunAsync(
                $"replay of {Events:N0} events to a view, segments of {batch}",
                () => Task.FromResult(lean.Read().Count(body => JsonSerializer.Deserialize<Message>(body, JsonSerializerOptions.Web)!.Text.Length > 0)),
                async () =>
                {
                    await using var node = await TavernNode.OpenReadOnlyAsync(tavern.OptionsOf("jake"), CancellationToken.None);
                    return await node.History.ReadAsync(reader => (int)reader.View(tavern.Jake).Messages.Total, CancellationToken.None);
                });
        }
    }

    /// <summary>Each append waits for its commit, so each becomes a segment.</summary>
    private static async Task WriteAsync(BenchTavern tavern, int batch)
    {
        for (var i = 0; i < Events; i += batch) await tavern.AppendAsync(i, batch);
    }

    private sealed record Message(string Text);
}
