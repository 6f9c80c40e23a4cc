using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Backups;

/// <summary>Checks a backup without restoring it: every checksum, and its rows by the rules of every store, signatures too.</summary>
public static class BackupCheck
{
    /// <summary>Reads all of it, on the calling thread.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="time">Measures.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StoreRefusedException">It is no backup, from a newer version, cut off or changed; or what it holds does not fit together.</exception>
    /// <exception cref="NodeFileException">There is no such file.</exception>
    public static async Task<BackupAnswer> RunAsync(string file, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (contents, check) = await ReadAsync(file, progress, cancellationToken).ConfigureAwait(false);
        return AnswerOf(file, contents, check, time.GetElapsedTime(started).TotalSeconds);
    }

    internal static BackupAnswer AnswerOf(string file, BackupContents contents, StoreCheck check, double seconds) => new(
        Path.GetFullPath(file), contents.Checksum.ToString(), new FileInfo(file).Length, contents.Tavern.Name, contents.Tavern.Tavern.ToString(),
        [.. contents.Tavern.Hosted.Select(hosted => hosted.Name)], contents.Manifest.MadeAt, contents.Manifest.Store, check.Events, check.Chains.Count, contents.Keys.Count > 0, seconds);

    internal static async Task<(BackupContents Contents, StoreCheck Check)> ReadAsync(string file, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        using var verifier = new EcdsaVerifier();
        var (findings, check, rows) = (new Findings(1), (StoreCheck?)null, (RowsCheck?)null);
        var contents = await BackupFile.ReadAsync(file, Begin, Take, cancellationToken).ConfigureAwait(false);
        check!.End();
        Require(contents, check);
        RequireSound(findings, $"{file} is no sound backup");
        return (contents, check);

        void Begin(BackupManifest manifest, TavernFile tavern)
        {
            check = new StoreCheck(DataFolderCheck.ExpectationOf(tavern), verifier, findings);
            rows = new RowsCheck(check, "checking events", manifest.Events, progress);
        }

        ValueTask Take(StoredRow row)
        {
            rows!.Add(row);
            return ValueTask.CompletedTask;
        }

        void Require(BackupContents read, StoreCheck found)
        {
            var (manifest, tavern) = (read.Manifest, read.Tavern);
            if (manifest.Tavern != tavern.Tavern.ToString())
                throw new StoreRefusedException($"{file} contradicts itself: its manifest names the tavern {manifest.Tavern}, its tavern.json {tavern.Tavern}.") { IsDamaged = true };
            if (manifest.Events != found.Events || manifest.Keys != read.Keys.Count > 0 || read.Keys.Keys.Except(tavern.Hosted.Select(hosted => hosted.Agent)).Any())
                throw new StoreRefusedException($"{file} contradicts itself: its manifest says {manifest.Events} events{(manifest.Keys ? " and keys" : "")}; it holds {found.Events} events and {read.Keys.Count} keys.") { IsDamaged = true };
        }
    }

    /// <summary>Refuses what is not sound.</summary>
    internal static void RequireSound(Findings findings, string what)
    {
        if (findings.Count == 0) return;
        var first = findings.Kept[0];
        throw new StoreRefusedException(
            $"{what}: {findings.Count} {(findings.Count == 1 ? "thing does" : "things do")} not hold, the first in {string.Join(' ', new[] { first.Table, first.Place, first.Events?.ToString() }.Where(text => !string.IsNullOrEmpty(text)))}: {first.What}")
        {
            IsDamaged = true,
        };
    }
}
