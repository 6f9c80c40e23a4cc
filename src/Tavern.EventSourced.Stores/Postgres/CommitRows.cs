using Npgsql;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What one commit writes. All of it goes to the server in one message and is one transaction: a statement per table over arrays,
/// after the one that asks who the owner is. Binary COPY would need three round trips; <c>tests/Tavern.EventSourced.Benchmarks -- postgres</c> prints both.</summary>
internal sealed class CommitRows
{
    public ChainRows Chains { get; } = new();

    public HolderRows Holders { get; } = new();

    public EventRows Events { get; } = new();

    public SegmentRows Segments { get; } = new();

    public CheckedRows Checked { get; } = new();

    public RunRows Runs { get; } = new();

    public ReceiptRows Receipts { get; } = new();

    public KeyRows Keys { get; } = new();

    public PositionRows Positions { get; } = new();

    /// <summary>Writes everything, or nothing.</summary>
    /// <param name="connection">The writer's.</param>
    /// <param name="token">What the owner's row must say.</param>
    public async Task WriteAsync(NpgsqlConnection connection, long token)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new NpgsqlBatchCommand("select require_owner($1)") { Parameters = { new NpgsqlParameter<long> { TypedValue = token } } } },
        };
        foreach (var table in (TableRows[])[Chains, Holders, Events, Segments, Checked, Runs, Receipts, Keys, Positions]) table.AddTo(batch);
        await batch.ExecuteNonQueryAsync();
    }
}
