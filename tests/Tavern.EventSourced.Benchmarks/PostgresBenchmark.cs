using System.Text.Json;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>A node whose store is in the server that <c>TAVERN_TEST_POSTGRES</c> names. Floors: the lean table of the same server.</summary>
internal static class PostgresBenchmark
{
    private const int Replayed = 100_000;

    public static async Task RunAsync(string connectionString)
    {
        await using (var tavern = await BenchTavern.StartAsync(StoreFile.Parse(connectionString, "bench")))
        {
            foreach (var writers in new[] { 1, 8 })
                foreach (var (batch, batches) in new[] { (1, 100), (10, 50), (100, 20), (1000, 5) }) await AppendAsync(tavern, connectionString, writers, batch, batches);
        }

        await ReplayAsync(connectionString);
    }

    private static async Task AppendAsync(BenchTavern tavern, string connectionString, int writers, int batch, int batches)
    {
        await using var lean = await LeanPostgresLog.OpenAsync(connectionString, writers);
        byte[][] bodies = [.. Enumerable.Range(0, batch).Select(_ => new byte[380])]; // what a record of ours has
        await Comparison.RunAsync(
            $"PostgreSQL: append, {writers} writer{(writers == 1 ? "" : "s")}, {batch} at once",
            () => EachAsync(writer => lean.AppendAsync(writer, bodies)),
            () => EachAsync(_ => tavern.AppendAsync(0, batch)));

        async Task<int> EachAsync(Func<int, Task> append)
        {
            await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
            {
                for (var i = 0; i < batches; i++) await append(writer);
            }));
            return writers * batch * batches;
        }
    }

    private static async Task ReplayAsync(string connectionString)
    {
        await using var tavern = await BenchTavern.StartAsync(StoreFile.Parse(connectionString, "bench"));
        await using var lean = await LeanPostgresLog.OpenAsync(connectionString, 1);
        var payloads = Enumerable.Range(0, Replayed).Select(i => BenchTavern.Draft(i).Payload.ToArray()).ToList();
        foreach (var chunk in payloads.Chunk(1000)) await lean.AppendAsync(0, chunk);
        for (var i = 0; i < Replayed; i += 100) await tavern.AppendAsync(i, 100);
        await tavern.Node.StopAsync();
        await Comparison.RunAsync(
            $"PostgreSQL: replay of {Replayed:N0} events to a view",
            async () =>
            {
                var read = 0;
                await foreach (var body in lean.ReadAsync())
                    if (JsonSerializer.Deserialize<Message>(body, JsonSerializerOptions.Web)!.Text.Length > 0) read++;
                return read;
            },
            async () =>
            {
                await using var node = await TavernNode.OpenReadOnlyAsync(tavern.OptionsOf("jake"), CancellationToken.None);
                return await node.History.ReadAsync(reader => (int)reader.View(tavern.Jake).Messages.Total, CancellationToken.None);
            });
    }

    private sealed record Message(string Text);
}
