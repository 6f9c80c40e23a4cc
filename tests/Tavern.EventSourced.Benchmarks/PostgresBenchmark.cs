using System.Text.Json;
using Tavern.EventSourced.ContainerTests.Postgres;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Benchmarks;

/// <summary>A node whose store is in a server of its own, or in the one that <c>TAVERN_TEST_POSTGRES</c> names by a connection string. Floors: the lean table of the
/// same server.</summary>
internal static class PostgresBenchmark
{
    private const int Replayed = 100_000;
    private const int RecordBytes = 380; // what a record of ours has, header and payload

    private static readonly (int Batch, int Batches)[] Sizes = [(1, 100), (10, 50), (100, 20), (1000, 5)];

    public static async Task RunAsync()
    {
        if (Environment.GetEnvironmentVariable("TAVERN_TEST_POSTGRES") is { Length: > 0 } given)
        {
            await RunAsync(given);
            return;
        }

        if (PostgresServer.FindPrograms() is not { } programs)
        {
            Console.WriteLine("PostgreSQL: not measured; its server programs are not installed, and TAVERN_TEST_POSTGRES names no server");
            return;
        }

        await using var server = await PostgresServer.StartNewAsync(programs);
        Console.WriteLine($"PostgreSQL {await server.AskAsync("show server_version")}, fsync {await server.AskAsync("show fsync")}, data on {server.FileSystem}");
        await RunAsync(server.ConnectionString);
    }

    private static async Task RunAsync(string connectionString)
    {
        foreach (var (batch, batches) in Sizes) await InsertAsync(connectionString, batch, batches);
        await using (var tavern = await BenchTavern.StartAsync(StoreFile.Parse(connectionString, "bench")))
        {
            foreach (var writers in new[] { 1, 8 })
                foreach (var (batch, batches) in Sizes) await AppendAsync(tavern, connectionString, writers, batch, batches);
        }

        await ReplayAsync(connectionString);
        await MartenBenchmark.RunAsync(connectionString);
    }

    /// <summary>Two ways to fill one table: why a commit of ours sends arrays.</summary>
    private static async Task InsertAsync(string connectionString, int batch, int batches)
    {
        await using var lean = await LeanPostgresLog.OpenAsync(connectionString, 1);
        await Comparison.RunAsync(
            $"PostgreSQL: lean table, 1 writer, {batch} at once",
            ("copy", () => RepeatAsync(batch, batches, bodies => lean.CopyAsync(0, bodies))),
            ("unnest", () => RepeatAsync(batch, batches, bodies => lean.UnnestAsync(0, bodies))));
    }

    private static async Task AppendAsync(BenchTavern tavern, string connectionString, int writers, int batch, int batches)
    {
        await using var lean = await LeanPostgresLog.OpenAsync(connectionString, writers);
        await Comparison.RunAsync(
            $"PostgreSQL: append, {writers} writer{(writers == 1 ? "" : "s")}, {batch} at once",
            () => EachAsync(writer => RepeatAsync(batch, batches, bodies => lean.CopyAsync(writer, bodies))),
            () => EachAsync(_ => RepeatAsync(batch, batches, _ => tavern.AppendAsync(0, batch))));

        async Task<int> EachAsync(Func<int, Task<int>> append) => (await Task.WhenAll(Enumerable.Range(0, writers).Select(append))).Sum();
    }

    private static async Task<int> RepeatAsync(int batch, int batches, Func<byte[][], Task> append)
    {
        byte[][] bodies = [.. Enumerable.Range(0, batch).Select(_ => new byte[RecordBytes])];
        for (var i = 0; i < batches; i++) await append(bodies);
        return batch * batches;
    }

    private static async Task ReplayAsync(string connectionString)
    {
        await using var tavern = await BenchTavern.StartAsync(StoreFile.Parse(connectionString, "bench"));
        await using var lean = await LeanPostgresLog.OpenAsync(connectionString, 1);
        var payloads = Enumerable.Range(0, Replayed).Select(i => BenchTavern.Draft(i).Payload.ToArray()).ToList();
        foreach (var chunk in payloads.Chunk(1000)) await lean.CopyAsync(0, chunk);
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
