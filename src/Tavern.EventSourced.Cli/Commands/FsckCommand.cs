using System.CommandLine;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern fsck</c>: checks a data folder, whether or not a node runs on it.</summary>
internal static class FsckCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var max = Arg.Option<int?>("--max", "COUNT", $"List as many findings at most; all are counted. Default {Findings.DefaultMax}.");
        var command = new CliCommand("fsck", "Check a data folder: pages, hashes, signatures, causes, logs, receipts, keys.", "fsck", "fsck --data ./gandalf --json")
        {
            Options = { max },
            Details = "Reads only; a node may run meanwhile. Returns 6 when something is wrong.",
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = DataFolders.Existing(settings, host.Environment);
            var progress = new ProgressLine(host.Terminal);
            var answer = DataFolderCheck.Run(
                folder, settings.Keys, parse.GetValue(max) ?? Findings.DefaultMax, host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken);
            progress.Clear();
            host.Show(settings.Output, answer, FsckText.Show, shown => shown.Findings);
            return Task.FromResult((int)(answer.Sound ? ExitCode.Ok : ExitCode.VerificationFailed));
        });
        return command;
    }
}
