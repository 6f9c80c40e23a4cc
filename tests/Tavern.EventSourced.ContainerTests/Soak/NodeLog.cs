using Tavern.EventSourced.ContainerTests.Processes;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>What one node's database holds after it stopped.</summary>
/// <param name="Holder">Its agent.</param>
/// <param name="Records">What it stores.</param>
/// <param name="Heard">For each event of another writer in the agent's log, who brought it and when, as its receipt says.</param>
internal sealed record NodeLog(AgentId Holder, StoredRecords Records, IReadOnlyDictionary<EventId, (AgentId From, DateTimeOffset At)> Heard)
{
    /// <summary>Opens a database for reading.</summary>
    public static async Task<IEventStore> OpenAsync(string database) =>
        await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = database, Owner = "test", ReadOnly = true }, CancellationToken.None);

    public static async Task<NodeLog> ReadAsync(string database, ISignatureVerifier verifier, string where)
    {
        await using var store = await OpenAsync(database);
        var records = await StoredRecords.ReadAsync(store, verifier, where);
        var holder = Assert.Single(await store.ReadHoldersAsync(CancellationToken.None).ToListAsync());
        var receipts = new Dictionary<long, Receipt>();
        await foreach (var receipt in store.ReadReceiptsAsync(holder, 0, CancellationToken.None)) receipts.Add(receipt.Number, receipt);
        var heard = new Dictionary<EventId, (AgentId, DateTimeOffset)>();
        await foreach (var run in store.ReadRunsAsync(holder, 1, CancellationToken.None))
        {
            if (!receipts.TryGetValue(run.Receipt, out var receipt) || receipt.Outcome is not ReceiptOutcome.Delivered) continue;
            for (var sequence = run.First; sequence <= run.Last; sequence++) heard[run.Chain[sequence]] = (receipt.Peer, receipt.At);
        }

        return new NodeLog(holder, records, heard);
    }
}
