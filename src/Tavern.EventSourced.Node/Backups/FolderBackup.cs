using System.Globalization;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>Makes backups of data folders, also while a node runs on them and writes. The form is in BACKUP.md.</summary>
public static class FolderBackup
{
    private const string Extension = ".tavern-backup";
    private const string Partial = ".partial";

    /// <summary>Writes a backup: everything that was acknowledged before the call, and of what came later nothing. The file is for its owner alone
    /// (0600) and has its name only once it is whole and synced; until then it is called <c>NAME.partial</c>.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="keysFolder">Where the keys are.</param>
    /// <param name="target">The file to make, or a folder in which it gets a name of its own.</param>
    /// <param name="withKeys">Put the private keys of the hosted agents into it. A recovery key never is.</param>
    /// <param name="time">Dates and measures.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <exception cref="NodeFileException">The folder holds no tavern, or there is no folder to put the backup into.</exception>
    /// <exception cref="StoreRefusedException">The file exists; or there is no store, or it is not sound.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    /// <exception cref="KeyFolderException">Keys were asked for, and one is missing or open to others.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static async Task<BackupAnswer> MakeAsync(
        string folder, string keysFolder, string target, bool withKeys, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        var (started, now) = (time.GetTimestamp(), time.GetUtcNow());
        var path = Directory.Exists(target) ? Path.Combine(target, NameOf(TavernFile.Read(folder), now)) : Path.GetFullPath(target);
        if (File.Exists(path)) throw Taken(path);
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent))
            throw new NodeFileException($"There is no folder {parent} to put a backup into. Make it first (mkdir -p), or name a file elsewhere.");
        await using var snapshot = await NodeStore.OpenSnapshotAsync(folder, cancellationToken).ConfigureAwait(false);
        var tavern = TavernFile.Read(folder); // after the snapshot: who is hosted is written there before anything of them is in the store
        var store = StoreFile.Find(folder) is null ? "sqlite" : "postgres";
        var manifest = new BackupManifest(FileSchema.Current, now, tavern.Tavern.ToString(), tavern.Name, [.. tavern.Hosted.Select(hosted => hosted.Name)], store, snapshot.Events, withKeys);
        var keys = withKeys ? KeysOf(tavern, keysFolder) : [];

        try
        {
            var (check, checksum) = await WriteAsync(path + Partial, manifest, tavern, keys, snapshot, progress, cancellationToken).ConfigureAwait(false);
            if (!PrivateFile.TryRename(path + Partial, path)) throw Taken(path);
            return BackupCheck.AnswerOf(path, new BackupContents(manifest, tavern, keys, checksum), check, time.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            File.Delete(path + Partial);
        }
    }

    private static async Task<(StoreCheck Check, Hash Checksum)> WriteAsync(
        string partial, BackupManifest manifest, TavernFile tavern, Dictionary<AgentId, string> keys, IStoreSnapshot snapshot, Action<CheckProgress> progress,
        CancellationToken cancellationToken)
    {
        using var verifier = new EcdsaVerifier();
        var findings = new Findings(1);
        var check = new StoreCheck(DataFolderCheck.ExpectationOf(tavern), verifier, findings);
        var rows = new RowsCheck(check, "writing events", snapshot.Events, progress);
        await using var stream = new FileStream(partial, PrivateFile.Options(FileMode.Create, FileAccess.Write, FileShare.None));
        using var writer = new BackupWriter(stream);
        AddPart(writer, BackupForm.Manifest, manifest.ToJson());
        AddPart(writer, BackupForm.TavernFile, tavern.ToJson());
        foreach (var (agent, pem) in keys) AddPart(writer, BackupForm.KeyPrefix + agent, Encoding.ASCII.GetBytes(pem));

        var begun = 0; // tables
        await foreach (var row in snapshot.ReadRowsAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row);
            BeginTables(RowCodec.OrderOf(row) + 1);
            writer.Add(RowCodec.Encode(row).Span);
        }

        BeginTables(RowCodec.Tables.Count);
        var checksum = writer.End();
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        stream.Flush(flushToDisk: true);
        check.End();
        BackupCheck.RequireSound(findings, $"No backup was made, because the store of {tavern.Name} is not sound; tavern fsck says more");
        return (check, checksum);

        void BeginTables(int upTo)
        {
            while (begun < upTo) writer.BeginPart(RowCodec.Tables[begun++]);
        }
    }

    private static void AddPart(BackupWriter writer, string name, ReadOnlySpan<byte> content)
    {
        writer.BeginPart(name);
        writer.Add(content);
    }

    private static Dictionary<AgentId, string> KeysOf(TavernFile tavern, string keysFolder)
    {
        var folder = KeyFolder.Open(keysFolder);
        var keys = new Dictionary<AgentId, string>();
        foreach (var hosted in tavern.Hosted)
        {
            using var key = folder.Load(hosted.Agent);
            keys[hosted.Agent] = key.ToPem();
        }

        return keys;
    }

    private static string NameOf(TavernFile tavern, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture, $"{ReadableOf(tavern.Name)}-{ReadableOf(tavern.Hosted[0].Name)}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}{Extension}");

    private static string ReadableOf(string name) => new([.. name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')]);

    private static StoreRefusedException Taken(string path) => new($"{path} exists and is not overwritten. Name another file, or a folder: then the backup gets a name of its own.");
}
