using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern recover</c>: the root's recovery key gives the root a new key.</summary>
internal static class RecoverCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var file = Arg.Option<string>("--recovery-key", "FILE", "The recovery key. Default: where 'tavern init' put it.");
        var command = new CliCommand("recover", "Give the root agent a new key, by its recovery key.", "recover --data jake", "recover --recovery-key /media/usb/recovery.pem --data jake")
        {
            Options = { file },
            Details = "For the tavern's first agent, which nobody is above: when its key was lost or is in other hands, or\n" +
                "when it has forked and what it writes waits for an endorsement. Run it on the machine of the\n" +
                "root's node, with the node stopped. The node then goes on in a new epoch. All other agents get a new\n" +
                "key from whoever is above them: tavern rekey.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = DataFolders.Existing(settings, host.Environment);
            var key = parse.GetValue(file) is { } path ? host.Environment.FullPath(path) : null;
            var recovered = await RootRecovery.RunAsync(folder, settings.Keys, key, host.Time, cancellationToken);
            host.Show(settings.Output, new RecoveredAnswer(recovered.Agent.ToString(), recovered.ToString(), folder, settings.Keys), Show);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Terminal terminal, RecoveredAnswer answer)
    {
        terminal.Line(Styled.Good("✓ "), Styled.Strong(answer.Agent), " has a new key.");
        var rows = new Columns();
        rows.Add(Styled.Faint("keys"), answer.KeysFolder, Styled.Faint("the old key is kept beside the new one; put the recovery key offline again"));
        rows.WriteTo(terminal, "  ");
        Hints.Write(terminal, ($"tavern node --data {ShellWord.Of(answer.DataFolder)}", "run it; it goes on in a new epoch"));
    }
}
