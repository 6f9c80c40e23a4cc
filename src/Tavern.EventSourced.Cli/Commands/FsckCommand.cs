using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern fsck</c>: checks a data folder, whether or not a node runs on it; repairs one on which none does.</summary>
internal static class FsckCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var max = Arg.Option<int?>("--max", "COUNT", $"List as many findings at most; all are counted. Default {Findings.DefaultMax}.");
        var peer = Arg.Option<string>("--repair-from", "PEER", "Fetch what is damaged from this agent: a name, an id, a gossip address, or ID@ADDRESS.");
        var command = new CliCommand(
            "fsck",
            "Check a data folder: pages, hashes, signatures, causes, logs, receipts, keys.",
            "fsck",
            "fsck --data ./gandalf --json",
            "fsck --data ./gandalf --repair-from jake  # stop gandalf's node first")
        {
            Options = { max, peer },
            Details = "Checking reads only; a node may run meanwhile. A repair puts a new database in the place of the damaged one, which is kept beside it;"
                + "\nit refuses when own events could not be brought back, because their numbers must never be used again."
                + "\nReturns 6 when something is wrong, or still is after a repair.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = DataFolders.Existing(settings, host.Environment);
            return parse.GetValue(peer) is { } from
                ? await RepairAsync(host, settings, folder, from, cancellationToken)
                : await CheckAsync(host, settings, folder, parse.GetValue(max) ?? Findings.DefaultMax, cancellationToken);
        });
        return command;
    }

    private static async Task<int> CheckAsync(CommandHost host, CliSettings settings, string folder, int max, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(host.Terminal);
        try
        {
            var answer = await DataFolderCheck.RunAsync(folder, settings.Keys, max, host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken);
            progress.Clear();
            host.Show(settings.Output, answer, FsckText.Show, shown => shown.Findings);
            return (int)(answer.Sound ? ExitCode.Ok : ExitCode.VerificationFailed);
        }
        finally
        {
            progress.Clear();
        }
    }

    private static async Task<int> RepairAsync(CommandHost host, CliSettings settings, string folder, string peer, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(host.Terminal);
        try
        {
            var answer = await DataFolderRepair.RunAsync(folder, settings.Keys, peer, host.Time, at => progress.Set(FsckText.Progress(at)), cancellationToken);
            progress.Clear();
            host.Show(settings.Output, answer, RepairText.Show);
            return (int)(answer.After.Sound ? ExitCode.Ok : ExitCode.VerificationFailed);
        }
        finally
        {
            progress.Clear();
        }
    }
}
