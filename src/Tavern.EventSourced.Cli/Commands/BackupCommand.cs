using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Backups;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern backup</c>: one file that holds all a data folder's node needs, made beside the node, or checked.</summary>
internal static class BackupCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var target = Arg.Required("file", "The file to make (or, with --check, to read); or a folder, in which it gets a name of its own.");
        var withKeys = Arg.Flag("--with-keys", "Put the agents' private keys into it: who can read it can then write as them.");
        var check = Arg.Flag("--check", "Only check a backup: every checksum, hash and signature.");
        var command = new CliCommand(
            "backup", "Write a backup of a data folder, also while its node runs; or check one.", "backup /mnt/backups --data ./gandalf", "backup --check gandalf.tavern-backup")
        {
            Arguments = { target },
            Options = { withKeys, check },
            Details = "It holds everything that was acknowledged before the command began: log, receipts, idempotency keys, positions of subscriptions, tavern.json;"
                + "\nprivate keys only with --with-keys, a recovery key never. A backup of a PostgreSQL store can be restored into a folder, and the reverse."
                + "\nA store that is not sound is not backed up. Returns 6 when something does not hold.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var file = host.Environment.FullPath(parse.GetRequiredValue(target));
            if (parse.GetValue(check) && parse.GetValue(withKeys))
                throw new CliException(ExitCode.Usage, "--check and --with-keys contradict each other.", "one of them", "leave one out");
            var progress = new ProgressLine(host.Terminal);
            try
            {
                var answer = parse.GetValue(check)
                    ? await BackupCheck.RunAsync(file, host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken)
                    : await FolderBackup.MakeAsync(
                        DataFolders.Existing(settings, host.Environment), settings.Keys, file, parse.GetValue(withKeys), host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken);
                progress.Clear();
                host.Show(settings.Output, answer, parse.GetValue(check) ? BackupText.ShowChecked : BackupText.ShowMade);
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
