using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.ContainerTests.Processes;

/// <summary>Checks one agent's log as its database holds it, by brute force. For logs without forks.</summary>
internal static class LogCheck
{
    /// <summary>Positions without holes; each event once, after all it depends on and after what its chain builds on; every acknowledged
    /// event; a receipt behind every run that somebody else brought; and of the agent's own runs, none written in an epoch that came
    /// back from others, or before the one it wrote in last.</summary>
    public static async Task VerifyAsync(IEventStore store, AgentId holder, IEnumerable<string> acknowledged, string where)
    {
        var (heads, delivered, origins) = (new Dictionary<ChainId, long>(), new Dictionary<EventId, Hash>(), new Dictionary<Hash, AgentId>());
        var (position, writtenIn, broughtBack) = (1L, 1, 0); // the last two are epochs
        await foreach (var run in store.ReadRunsAsync(holder, 1, CancellationToken.None))
        {
            Assert.True(run.Position == position, $"{where}: the log of {holder} goes on at {run.Position}, expected {position}");
            position += run.Count;
            if (run.Receipt != 0)
            {
                var receipt = await store.FindReceiptAsync(holder, run.Receipt, CancellationToken.None);
                Assert.True(receipt is { Outcome: ReceiptOutcome.Delivered } && receipt.Peer != holder, $"{where}: {run} names receipt {receipt}");
                if (run.Chain.Agent == holder) broughtBack = Math.Max(broughtBack, run.Chain.Epoch);
            }
            else
            {
                Assert.True(run.Chain.Agent == holder, $"{where}: {run} has no receipt");
                Assert.True(run.Chain.Epoch > broughtBack, $"{where}: {holder} wrote {run} after others brought back events of epoch {broughtBack}");
                Assert.True(run.Chain.Epoch >= writtenIn, $"{where}: {holder} wrote {run} after it wrote in epoch {writtenIn}");
                writtenIn = run.Chain.Epoch;
            }

            var next = run.First;
            await foreach (var record in store.ReadRecordsAsync(run.Chain, run.First, run.Last, CancellationToken.None))
            {
                Assert.True(record.Id == run.Chain[next++], $"{where}: {run} holds {record.Id}");
                Assert.True(heads.GetValueOrDefault(run.Chain) == record.Id.Sequence - 1, $"{where}: {record.Id} does not follow {heads.GetValueOrDefault(run.Chain)} in the log of {holder}");
                foreach (var cause in record.Header.Deps?.Heads ?? [])
                    Assert.True(heads.GetValueOrDefault(cause.Chain) >= cause.Sequence, $"{where}: the log of {holder} has {record.Id} before {cause}, which it depends on");
                if (record.Id.Sequence == 1 && delivered.Count > 0) // the first of all founds the tavern
                    Assert.True(HasOrigin(record, delivered, origins), $"{where}: the log of {holder} has {record.Id} before what it builds on");
                if (EventCatalogue.TryRead(record, out var body) && OriginOf(body, record.Id.Agent) is { } agent) origins.Add(record.Hash, agent);
                heads[run.Chain] = record.Id.Sequence;
                Assert.True(delivered.TryAdd(record.Id, record.Hash), $"{where}: the log of {holder} has {record.Id} twice");
            }

            Assert.True(next == run.Last + 1, $"{where}: {run} ends at {next - 1}");
        }

        var lost = acknowledged.Where(id => !delivered.ContainsKey(EventId.Parse(id))).ToList();
        Assert.True(lost.Count == 0, $"{where}: the log of {holder} lacks {lost.Count} acknowledged events, {lost.FirstOrDefault()} among them");
    }

    /// <summary>True when what a chain's first record names as the hash before it is delivered: in a new epoch the last event that was recovered
    /// of an earlier one, otherwise an event that vouches for this agent or gives it a key.</summary>
    private static bool HasOrigin(EventRecord first, Dictionary<EventId, Hash> delivered, Dictionary<Hash, AgentId> origins)
    {
        var (id, previous) = (first.Id, first.Header.Previous);
        if (id.Epoch == 1) return origins.GetValueOrDefault(previous) == id.Agent;
        if (!EventCatalogue.TryRead(first, out var body) || body is not EpochStarted started || started.PreviousEpoch >= id.Epoch) return false;
        return started.LastSequence > 0 && started.LastHash == previous
            ? delivered.TryGetValue(new EventId(id.Agent, started.PreviousEpoch, started.LastSequence), out var last) && last == previous
            : origins.GetValueOrDefault(previous) == id.Agent;
    }

    /// <summary>The agent that an event vouches for, or gives a key; the root vouches for itself.</summary>
    private static AgentId? OriginOf(TavernEvent body, AgentId writer) => body switch
    {
        TavernFounded => writer,
        AgentSpawned spawned => spawned.Agent,
        AgentRekeyed rekeyed => rekeyed.Agent,
        _ => null,
    };
}
