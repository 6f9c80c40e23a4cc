using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a hosted agent's log was when the store was opened.</summary>
/// <param name="Runs">All of it, by position.</param>
/// <param name="LastReceipt">Highest receipt number used, 0 for none.</param>
internal sealed record RecoveredLog(IReadOnlyList<Run> Runs, long LastReceipt);

/// <summary>Rebuilds everything a node keeps in memory from its store: the agents' runs first, then one scan of the bodies.</summary>
internal static class Recovery
{
    /// <summary>Reads the store. Returns the logs by holder.</summary>
    /// <exception cref="StoreRefusedException">What it holds does not fit together.</exception>
    public static async Task<Dictionary<AgentId, RecoveredLog>> ReplayAsync(
        IEventStore store, TavernFile file, NodeHistory history, SegmentIndex index, PeerBook peers, CancellationToken cancellationToken)
    {
        try
        {
            var logs = await ReadAsync(store, file, history, index, peers, cancellationToken).ConfigureAwait(false);
            foreach (var run in logs.Values.SelectMany(log => log.Runs))
                if (run.Last > index.HeadOf(run.Chain)) throw new InvalidOperationException($"A log has {run.Chain[run.Last]}, but {run.Chain[index.HeadOf(run.Chain) + 1]} is not held.");
            foreach (var holder in logs.Keys)
                if (Unheld(holder, logs, index) is { } lost)
                    throw new InvalidOperationException($"{lost} is the agent's own event, but no log has it: its number would be used again.");
            return logs;
        }
        catch (StoreUnavailableException e) when (e.InnerException is MalformedRecordException or ArgumentException || SqliteErrors.IsDamage(e.InnerException) || PostgresErrors.IsDamage(e.InnerException))
        {
            throw new StoreRefusedException(e.Message, e) { IsDamaged = true }; // trying again does not help
        }
        catch (Exception e) when (e is CausalGapException || e.GetType() == typeof(InvalidOperationException)) // an index refused what the store yields
        {
            throw new StoreRefusedException($"The log{(store is SqliteEventStore ? " in events.db" : "")} is damaged: {e.Message} tavern fsck says what is wrong, and repairs what other agents have.", e) { IsDamaged = true };
        }
    }

    /// <summary>The last event that an agent wrote and nobody's log here has; null when there is none. One that only another agent's log has came
    /// back from elsewhere after a loss.</summary>
    private static EventId? Unheld(AgentId agent, Dictionary<AgentId, RecoveredLog> logs, SegmentIndex index)
    {
        var delivered = logs.Values.SelectMany(log => log.Runs).Where(run => run.Chain.Agent == agent).GroupBy(run => run.Chain).ToDictionary(runs => runs.Key, runs => runs.Max(run => run.Last));
        for (var epoch = 1; epoch <= index.LastEpochOf(agent); epoch++)
            if (new ChainId(agent, epoch) is var chain && index.HeadOf(chain) > delivered.GetValueOrDefault(chain)) return chain[index.HeadOf(chain)];
        return null;
    }

    private static async Task<Dictionary<AgentId, RecoveredLog>> ReadAsync(
        IEventStore store, TavernFile file, NodeHistory history, SegmentIndex index, PeerBook peers, CancellationToken cancellationToken)
    {
        var logs = new Dictionary<AgentId, RecoveredLog>();
        foreach (var (holder, _) in file.Hosted)
        {
            var (runs, failures, lastReceipt) = (new List<Run>(), new List<Receipt>(), 0L);
            await foreach (var run in store.ReadRunsAsync(holder, 1, cancellationToken).ConfigureAwait(false)) runs.Add(run);
            await foreach (var receipt in store.ReadReceiptsAsync(holder, 0, cancellationToken).ConfigureAwait(false))
            {
                lastReceipt = receipt.Number;
                if (receipt.Outcome is not ReceiptOutcome.Delivered) failures.Add(receipt);
            }

            history.Replay(holder, runs, failures);
            logs.Add(holder, new RecoveredLog(runs, lastReceipt));
        }

        await foreach (var stored in store.ReadSegmentsAsync(cancellationToken).ConfigureAwait(false))
        {
            history.Replay(stored.Segment);
            index.Add(stored.Segment, stored.Verified);
            peers.Add(stored.Segment, index);
        }

        return logs;
    }
}
