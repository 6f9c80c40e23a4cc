using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Checks one agent's log as its database holds it, by brute force.</summary>
internal static class LogCheck
{
    /// <summary>Positions without holes; each event once, after all it depends on and after what vouches for its writer; every
    /// acknowledged event; and a receipt behind every run that somebody else brought.</summary>
    public static async Task VerifyAsync(IEventStore store, AgentId holder, IEnumerable<string> acknowledged, string where)
    {
        var (heads, delivered, vouchers) = (new Dictionary<ChainId, long>(), new HashSet<string>(), new HashSet<Hash>());
        var position = 1L;
        await foreach (var run in store.ReadRunsAsync(holder, 1, CancellationToken.None))
        {
            Assert.True(run.Position == position, $"{where}: the log of {holder} goes on at {run.Position}, expected {position}");
            position += run.Count;
            Assert.True(run.Receipt != 0 || run.Chain.Agent == holder, $"{where}: {run} has no receipt");
            if (run.Receipt != 0)
            {
                var receipt = await store.FindReceiptAsync(holder, run.Receipt, CancellationToken.None);
                Assert.True(receipt is { Outcome: ReceiptOutcome.Delivered } && receipt.Peer != holder, $"{where}: {run} names receipt {receipt}");
            }

            var next = run.First;
            await foreach (var record in store.ReadRecordsAsync(run.Chain, run.First, run.Last, CancellationToken.None))
            {
                Assert.True(record.Id == run.Chain[next++], $"{where}: {run} holds {record.Id}");
                Assert.True(heads.GetValueOrDefault(run.Chain) == record.Id.Sequence - 1, $"{where}: {record.Id} does not follow {heads.GetValueOrDefault(run.Chain)} in the log of {holder}");
                foreach (var cause in record.Header.Deps?.Heads ?? [])
                    Assert.True(heads.GetValueOrDefault(cause.Chain) >= cause.Sequence, $"{where}: the log of {holder} has {record.Id} before {cause}, which it depends on");
                if (record.Id is { Sequence: 1, Epoch: 1 } && delivered.Count > 0) // the first of all founds the tavern
                    Assert.True(vouchers.Contains(record.Header.Previous), $"{where}: the log of {holder} has {record.Id} before anybody vouches for its writer");
                if (record.Header.Type == nameof(AgentSpawned)) vouchers.Add(record.Hash);
                heads[run.Chain] = record.Id.Sequence;
                Assert.True(delivered.Add(record.Id.ToString()), $"{where}: the log of {holder} has {record.Id} twice");
            }

            Assert.True(next == run.Last + 1, $"{where}: {run} ends at {next - 1}");
        }

        var lost = acknowledged.Where(id => !delivered.Contains(id)).ToList();
        Assert.True(lost.Count == 0, $"{where}: the log of {holder} lacks {lost.Count} acknowledged events, {lost.FirstOrDefault()} among them");
    }
}
