using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Backups;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern restore</c>: makes a data folder from a backup.</summary>
internal static class RestoreCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var file = Arg.Required("file", "A backup that tavern backup made.");
        var store = StoreOption.Create();
        var command = new CliCommand(
            "restore", "Make a data folder from a backup.", "restore gandalf.tavern-backup --data ./gandalf",
            "restore gandalf.tavern-backup --data ./gandalf --store \"Host=db;Database=tavern;Username=gandalf\"")
        {
            Arguments = { file },
            Options = { store },
            Details = "--data must be named, and be missing or empty; so must a schema that --store names. All of the backup is checked before anything is changed."
                + "\nThe next start of the node gets back what others have, and its agents begin a new epoch: no number is used twice."
                + "\nStop the node that the backup is of first, wherever it runs. Returns 6 when the backup does not hold.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            if (parse.GetValue(host.Globals.Data) is null)
                throw new CliException(ExitCode.Usage, "Which folder? A backup is restored only into one that is named.", "--data DIR", "tavern restore FILE --data ./gandalf");
            var remote = StoreOption.Read(parse.GetValue(store), Path.GetFileName(Path.TrimEndingDirectorySeparator(settings.Data!)));
            var progress = new ProgressLine(host.Terminal);
            try
            {
                var answer = await FolderRestore.RunAsync(
                    host.Environment.FullPath(parse.GetRequiredValue(file)), settings.Data!, settings.Keys, remote, host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken);
                progress.Clear();
                host.Show(settings.Output, answer, BackupText.ShowRestored);
                return (int)ExitCode.Ok;
            }
            finally
            {
                progress.Clear();
            }
        });
        return command;
    }
}
