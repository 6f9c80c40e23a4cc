using System.Collections.Immutable;
using System.Globalization;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Postgres;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Checks a data folder: its store, and the files beside it. It only reads, so a node may run on the folder.</summary>
public static class DataFolderCheck
{
    private const string ServerAdvice =
        "The rows of a server are not repaired: restore the newest backup into a schema of its own (tavern restore); what other agents have comes back from them.";

    /// <summary>Reads all of it.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="keysFolder">Where the keys are.</param>
    /// <param name="findingsMax">How many findings are listed; all are counted.</param>
    /// <param name="time">Measures.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NodeFileException">The folder holds no tavern, or one of a newer version.</exception>
    /// <exception cref="StoreRefusedException">Another program or another version wrote the store.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be opened now.</exception>
    public static async Task<FsckAnswer> RunAsync(
        string folder, string keysFolder, int findingsMax, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        if (StoreFile.Find(folder) is not { } remote) return Run(folder, keysFolder, findingsMax, time, progress, cancellationToken);
        var (started, findings) = (time.GetTimestamp(), new Findings(findingsMax));
        if (FolderFilesCheck.ReadFile(folder, findings) is not { } file) return AnswerOf(folder, null, null, findings, remote.Text, time.GetElapsedTime(started));
        FolderFilesCheck.Run(folder, keysFolder, file, findings);
        using var verifier = new EcdsaVerifier();
        await using var snapshot = await PostgresSnapshot.OpenAsync(remote.Connection, remote.Schema, cancellationToken).ConfigureAwait(false);
        var check = new StoreCheck(ExpectationOf(file), verifier, findings);
        var rows = new RowsCheck(check, "checking events", snapshot.Events, progress);
        await foreach (var row in snapshot.ReadRowsAsync(cancellationToken).ConfigureAwait(false)) rows.Add(row);
        check.End();
        return AnswerOf(folder, file, check, findings, remote.Text, time.GetElapsedTime(started));
    }

    /// <summary>Reads all of a folder with a database in it, on the calling thread; otherwise as above.</summary>
    /// <exception cref="NodeFileException">As above; or the log is in a server.</exception>
    public static FsckAnswer Run(
        string folder, string keysFolder, int findingsMax, TimeProvider time, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        RequireLocal(folder);
        var (started, findings) = (time.GetTimestamp(), new Findings(findingsMax));
        var file = FolderFilesCheck.ReadFile(folder, findings);
        StoreCheck? check = null;
        if (file is not null)
        {
            FolderFilesCheck.Run(folder, keysFolder, file, findings);
            check = CheckStore(folder, file, findings, progress, cancellationToken);
        }

        return AnswerOf(folder, file, check, findings, null, time.GetElapsedTime(started));
    }

    /// <summary>What a folder's store should belong to.</summary>
    internal static StoreExpectation ExpectationOf(TavernFile file) =>
        new(file.Tavern, [.. file.Hosted.Select(hosted => hosted.Agent)], [.. file.Seeds.Select(seed => seed.Agent)]);

    /// <summary>Refuses a folder whose log is elsewhere.</summary>
    /// <exception cref="NodeFileException">It is in a PostgreSQL server.</exception>
    internal static void RequireLocal(string folder)
    {
        if (StoreFile.Find(folder) is { } remote)
            throw new NodeFileException(
                $"The log of {folder} is in PostgreSQL ({remote.Text}); a repair knows events.db only. {ServerAdvice}");
    }

    /// <summary>Events in a text, by name where one is known.</summary>
    internal static string TextOf(EventRange events, string agent) => string.Create(
        CultureInfo.InvariantCulture, $"{agent}{(events.Chain.Epoch > 1 ? $"@{events.Chain.Epoch}" : "")}:{events.First}{(events.Count > 1 ? $"..{events.Last}" : "")}");

    private static StoreCheck? CheckStore(string folder, TavernFile file, Findings findings, Action<CheckProgress> progress, CancellationToken cancellationToken)
    {
        if (!NodeStore.Exists(folder))
        {
            // A newcomer whose node has never run has none yet.
            if (file.Stored || file.Seeds.IsEmpty || File.Exists(Path.Combine(folder, "owner.lock")))
                findings.Add("events.db", "", "It is missing: the log is gone.", "Restore it from a backup. Do not start a node on the folder: it would use numbers again that it has used.");
            return null;
        }

        using var verifier = new EcdsaVerifier();
        return SqliteCheck.Run(NodeStore.PathIn(folder), ExpectationOf(file), verifier, findings, progress, cancellationToken).Check;
    }

    private static FsckAnswer AnswerOf(string folder, TavernFile? file, StoreCheck? check, Findings findings, string? server, TimeSpan took)
    {
        var named = file?.Hosted.GroupBy(hosted => hosted.Agent).ToDictionary(group => group.Key, group => group.First().Name) ?? [];
        return new FsckAnswer(
            file?.Name ?? "", folder, findings.Count == 0, check?.Events ?? 0, check?.Chains.Count ?? 0, took.TotalSeconds, findings.Count,
            [.. findings.Kept.Select(finding => Row(finding, server is not null, agent => check?.NameOf(agent) ?? named.GetValueOrDefault(agent)))], server);
    }

    private static FsckFinding Row(Finding finding, bool isInServer, Func<AgentId, string?> nameOf) => new(
        finding.Table,
        finding.Place,
        finding.Events is { } events ? TextOf(events, events.Chain.Agent.ToString()) : null,
        finding.Events is { } range && nameOf(range.Chain.Agent) is { } name ? TextOf(range, name) : null,
        finding.What,
        isInServer && finding.Advice.Contains("--repair-from", StringComparison.Ordinal) ? ServerAdvice : finding.Advice);
}
