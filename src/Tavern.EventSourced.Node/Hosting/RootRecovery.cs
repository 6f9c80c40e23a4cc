using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Gives the root agent a new key, by the recovery key that its tavern's first record names: nobody is above it who could. Its node begins a
/// new epoch when it starts again.</summary>
public static class RootRecovery
{
    /// <summary>Writes the one record that the recovery key signs into the root's log, then puts the new key in place. Cut short in between, it
    /// is run again and gives another key.</summary>
    /// <param name="dataFolder">The folder with the root's log; no node may run on it. It should hold all that is known of the root: an epoch that only
    /// others have heard of would be begun a second time.</param>
    /// <param name="keysFolder">Where the new key goes.</param>
    /// <param name="recoveryKeyFile">The recovery key; null for the place where it was made.</param>
    /// <param name="time">Dates the record.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>The record, whose writer is the root.</returns>
    /// <exception cref="NodeFileException">The folder does not hold the root's log.</exception>
    /// <exception cref="KeyFolderException">The key is missing, open to others, or another than the tavern's first record names.</exception>
    /// <exception cref="StoreRefusedException">A node runs on the folder, or its log is damaged.</exception>
    public static async Task<EventId> RunAsync(string dataFolder, string keysFolder, string? recoveryKeyFile, TimeProvider time, CancellationToken cancellationToken)
    {
        var file = TavernFile.Read(dataFolder);
        await using var store = await NodeStore.OpenAsync(dataFolder, readOnly: false, mustExist: true, "tavern recover", time, cancellationToken).ConfigureAwait(false);
        var (history, index) = (new NodeHistory(store), new SegmentIndex());
        var logs = await Recovery.ReplayAsync(store, file, history, index, new PeerBook(), cancellationToken).ConfigureAwait(false);
        var (founding, last) = await history.ReadAsync(reader => Root(reader, file), cancellationToken).ConfigureAwait(false)
            ?? throw new NodeFileException($"{dataFolder} does not hold the log of the root of {file.Name}. Run this where the root's node ran.");
        var root = founding.Id.Agent;
        var keyFile = recoveryKeyFile ?? KeyFolder.RecoveryFileOf(keysFolder, root.ToString());
        using var recovery = KeyFolder.LoadRecovery(keyFile);
        if (Voucher.From(founding)?.RecoveryKey is not { } named || !named.Span.SequenceEqual(recovery.PublicKey.Span))
            throw new KeyFolderException($"{keyFile} is not the recovery key of {file.Name}: its first record names another. Nothing was changed.");

        using var key = EcdsaSigner.Create();
        var rekeyed = EventCatalogue.Draft(new AgentRekeyed(root, key.PublicKey.ToArray(), last.Id.Sequence, last.Hash, last.Id.Epoch));
        var (chain, clock) = (new ChainId(root, index.LastEpochOf(root) + 1), new HybridLogicalClock());
        clock.Merge(last.Header.Time, time.GetUtcNow());
        var segment = new ChainWriter(file.Tavern, chain, recovery).Write([rekeyed], 0, last.Hash, [], [clock.Next(time.GetUtcNow())])[0];
        var batch = new StoreBatch
        {
            Segments = [new StoredSegment(segment, Verified: true)],
            Runs = [new Run(root, logs[root].Runs[^1].LastPosition + 1, chain, 1, 1, 0, 0)],
        };
        await store.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
        KeyFolder.Open(keysFolder).Replace(root, key);
        return chain[1];
    }

    /// <summary>The record that founded the tavern and the last one of the root's newest epoch; null when the root's log is not here.</summary>
    private static (EventRecord Founding, EventRecord Last)? Root(HistoryReader reader, TavernFile file)
    {
        foreach (var (agent, _) in file.Hosted)
        {
            if (reader.VoucherOf(agent, agent) is not { } founding || founding.Agent != agent) continue;
            EventId last = founding;
            foreach (var (chain, sequence) in reader.Clock(agent).Entries)
                if (chain.Agent == agent) last = chain[sequence]; // sorted by epoch
            return (reader.Record(founding), reader.Record(last));
        }

        return null;
    }
}
