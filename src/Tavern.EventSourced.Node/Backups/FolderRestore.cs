using System.Collections.Immutable;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>Restores backups into data folders that hold nothing, and into a new schema of a server when one is named.</summary>
public static class FolderRestore
{
    private const string Owner = "a restored backup";

    /// <summary>Restores a backup. All of it is checked before anything is changed; then the folder becomes a tavern's with its last step, so that
    /// whatever cuts this short leaves none. The agents begin a new epoch at their next start.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="folder">A data folder that is missing or empty, or in which a restore was cut short.</param>
    /// <param name="keysFolder">Where the keys are, and where those in the backup go.</param>
    /// <param name="remote">Where the log goes; null for the folder.</param>
    /// <param name="time">Dates.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">The backup is not whole or not sound, or the folder or the schema holds something.</exception>
    /// <exception cref="NodeFileException">There is no such file.</exception>
    /// <exception cref="StoreUnavailableException">The disk or the server does not allow it now.</exception>
    /// <exception cref="KeyFolderException">The folder holds another key than the backup of the same agent.</exception>
    public static async Task<RestoreAnswer> RunAsync(
        string file, string folder, string keysFolder, StoreFile? remote, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        var data = Path.GetFullPath(folder);
        RestoreFolder.RequireFree(data);
        var (contents, check) = await BackupCheck.ReadAsync(file, progress, cancellationToken).ConfigureAwait(false);
        RequireSameKeys(contents, keysFolder);

        using var attempt = new FolderAttempt(data);
        PrivateFile.CreateFolder(data);
        using var held = OwnerLock.Take(data, "tavern restore", time.GetUtcNow());
        var building = RestoreFolder.Begin(data);
        try
        {
            await FillAsync(file, contents, building, remote, time, progress, check.Events, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var restored = AddKeys(contents, keysFolder);
            RestoreMark.Set(building);
            remote?.Write(building);
            (contents.Tavern with { Stored = true }).Write(building);
            RestoreFolder.Complete(data);
            attempt.Keep();
            var leases = new LeaseFolder(keysFolder);
            return new RestoreAnswer(
                Path.GetFullPath(file), data, remote?.Text ?? NodeStore.PathIn(data), contents.Tavern.Name, contents.Manifest.MadeAt, check.Events, keysFolder,
                NamesOf(contents.Tavern, restored.Contains),
                NamesOf(contents.Tavern, agent => !Directory.Exists(keysFolder) || !KeyFolder.Open(keysFolder).Holds(agent)),
                NamesOf(contents.Tavern, agent => leases.Read(agent) is null));
        }
        catch
        {
            RestoreFolder.Abandon(data);
            throw;
        }
    }

    private static async Task FillAsync(
        string file, BackupContents contents, string building, StoreFile? remote, TimeProvider time, Action<CheckProgress> progress, long events, CancellationToken cancellationToken)
    {
        await using IRowTarget? target = remote is null
            ? SqliteRowTarget.Begin(NodeStore.PathIn(building), Owner, time.GetUtcNow())
            : await PostgresRowTarget.BeginAsync(
                remote.Connection, remote.Schema, contents.Checksum.ToByteArray()[..16], Owner, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        if (target is null) return; // an attempt that was cut short got as far as that
        var done = 0L;
        var again = await BackupFile.ReadAsync(
            file,
            (_, _) => { },
            row =>
            {
                if (row is Stores.Checking.StoredRow.Event && ++done % 512 == 0) progress(new CheckProgress("restoring events", done, events));
                return target.WriteAsync(row, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        if (again.Checksum != contents.Checksum) throw new StoreRefusedException($"{file} was changed while it was read. Nothing was restored.") { IsDamaged = true };
        await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses before anything was changed: no key is ever overwritten.</summary>
    private static void RequireSameKeys(BackupContents contents, string keysFolder)
    {
        if (contents.Keys.Count == 0 || !Directory.Exists(keysFolder)) return;
        var keys = KeyFolder.Open(keysFolder);
        foreach (var (agent, pem) in contents.Keys)
        {
            if (!keys.Holds(agent)) continue;
            using var held = keys.Load(agent);
            using var saved = EcdsaSigner.FromPem(pem);
            if (!held.PublicKey.Span.SequenceEqual(saved.PublicKey.Span))
                throw new KeyFolderException($"{keysFolder} holds another key of agent {agent} than the backup. A key is never overwritten: name another folder with --keys, or move the one that is no longer in use away.");
        }
    }

    private static ImmutableHashSet<AgentId> AddKeys(BackupContents contents, string keysFolder)
    {
        if (contents.Keys.Count == 0) return [];
        var (keys, added) = (KeyFolder.Open(keysFolder), ImmutableHashSet.CreateBuilder<AgentId>());
        foreach (var (agent, pem) in contents.Keys)
        {
            if (keys.Holds(agent)) continue;
            using var saved = EcdsaSigner.FromPem(pem);
            keys.Replace(agent, saved);
            added.Add(agent);
        }

        return added.ToImmutable();
    }

    private static IReadOnlyList<string> NamesOf(TavernFile tavern, Func<AgentId, bool> which) => [.. tavern.Hosted.Where(hosted => which(hosted.Agent)).Select(hosted => hosted.Name)];
}
