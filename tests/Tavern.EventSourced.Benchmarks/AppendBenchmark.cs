namespace Tavern.EventSourced.Benchmarks;

/// <summary>Durable append, one writer that waits for each batch. Floor: the leanest insert of the same number of bytes.</summary>
internal static class AppendBenchmark
{
    public static async Task RunAsync()
    {
        await using var tavern = await BenchTavern.StartAsync();
        using var lean = new LeanLog(tavern.PathOf("lean.db"));
        await tavern.AppendAsync(0, 1);
        var record = await RecordBytesAsync(tavern);
        foreach (var (batch, batches) in new[] { (1, 1000), (100, 100) })
        {
            byte[][] bodies = [.. Enumerable.Range(0, batch).Select(_ => new byte[record])];
            await Comparison.RunAsync(
                $"append, {batch} per commit, {record}-byte records",
                () =>
                {
                    for (var i = 0; i < batches; i++) lean.Append(bodies);
                    return Task.FromResult(batch * batches);
                },
                async () =>
                {
                    for (var i = 0; i < batches; i++) await tavern.AppendAsync(i * batch, batch);
                    return batch * batches;
                });
        }
    }

    /// <summary>Header and payload of one event, so that the floor writes as many bytes.</summary>
    private static async Task<int> RecordBytesAsync(BenchTavern tavern)
    {
        var head = await tavern.Node.History.ReadAsync(reader => reader.Clock(tavern.Jake).Entries[0], CancellationToken.None);
        return (await tavern.Node.Store.FindRecordAsync(head.Chain[head.Sequence], CancellationToken.None))!.Bytes;
    }
}
