using System.Runtime.InteropServices;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>Looks at everything a node needs, whether or not one runs: one page that says what is not as it should be and what to do.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="foundBy">How it was found, for people.</param>
/// <param name="keysFolder">Where the keys are.</param>
/// <param name="lookedIn">Folders in which invitations may have been left.</param>
/// <param name="time">The clock.</param>
public sealed class Doctor(string folder, string foundBy, string keysFolder, IReadOnlyList<string> lookedIn, TimeProvider time)
{
    /// <summary>Looks. Takes a few seconds when peers do not answer; a broken thing is a line, not an exception.</summary>
    public async Task<DoctorAnswer> ExamineAsync(CancellationToken cancellationToken)
    {
        List<DoctorLine> lines = [DoctorLine.Ok("platform", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription.Trim()}")];
        var file = ReadFile(lines);
        lines.AddRange(FolderCare.Look(folder));
        if (file is not null)
        {
            lines.AddRange(KeysCare.Look(keysFolder, file));
            var remote = StoreFile.Find(folder);
            var store = remote is null
                ? StoreCare.Look(folder, file, time.GetUtcNow()).ToList()
                : [.. await RemoteStoreCare.LookAsync(remote, file, cancellationToken).ConfigureAwait(false)];
            lines.AddRange(store);
            if ((remote is not null || NodeStore.Exists(folder)) && !store.Exists(line => line.Health is Health.Problem))
                lines.Add(await StoreCare.ReplayAsync(folder, keysFolder, time, cancellationToken).ConfigureAwait(false));
            lines.AddRange(await NodeCare.LookAsync(folder, time, cancellationToken).ConfigureAwait(false));
            lines.AddRange(await SeedCare.LookAsync(file, cancellationToken).ConfigureAwait(false));
        }

        lines.AddRange(InvitationCare.Look([folder, .. lookedIn]));
        return new DoctorAnswer(folder, !lines.Exists(line => line.Health is Health.Problem), lines);
    }

    private TavernFile? ReadFile(List<DoctorLine> lines)
    {
        try
        {
            var file = TavernFile.Read(folder);
            lines.Add(DoctorLine.Ok("tavern", $"{file.Name}, hosting {string.Join(", ", file.Hosted.Select(hosted => hosted.Name))}, in {folder} ({foundBy})"));
            return file;
        }
        catch (Exception e) when (e is NodeFileException or IOException or UnauthorizedAccessException)
        {
            lines.Add(DoctorLine.Problem("tavern", $"{folder} ({foundBy}): {e.Message}", "Name the data folder with --data, or restore tavern.json from a backup."));
            return null;
        }
    }
}
