using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern ready</c>: whether the node of a data folder can be worked with. For scripts, and for containers without curl.</summary>
internal static class ReadyCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200); // a question costs the node microseconds

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var wait = Arg.Option<double?>("--wait", "SECONDS", "How long to wait until it is; default 0, ask once.");
        var command = new CliCommand("ready", "Say whether the node of a data folder is ready.", "ready", "ready --data ./gandalf --wait 30")
        {
            Options = { wait },
            Details = "A node is ready once it has read its log, listens, and its agents may write. Returns 0 when it is, 5 when it is not within the time, 7 when none runs.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = DataFolders.Existing(settings, host.Environment);
            var limit = TimeSpan.FromSeconds(parse.GetValue(wait) ?? 0);
            var started = host.Time.GetTimestamp();
            using var timer = new PeriodicTimer(PollInterval, host.Time);
            while (true)
            {
                var (waitsFor, runs) = await AskAsync(folder, cancellationToken);
                if (waitsFor is null || host.Time.GetElapsedTime(started) >= limit)
                {
                    host.Show(settings.Output, new ReadyAnswer(waitsFor is null, waitsFor), Show);
                    return (int)(waitsFor is null ? ExitCode.Ok : runs ? ExitCode.TimedOut : ExitCode.Unreachable);
                }

                await timer.WaitForNextTickAsync(cancellationToken);
            }
        });
        return command;
    }

    private static async Task<(string? WaitsFor, bool Runs)> AskAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadinessProbe.AskAsync(folder, cancellationToken), true);
        }
        catch (NodeFileException e)
        {
            return (e.Message, false);
        }
    }

    private static void Show(Terminal terminal, ReadyAnswer answer)
    {
        if (answer.Ready) terminal.Line(Styled.Good("✓ "), "ready");
        else terminal.Line(Styled.Doubtful("! "), $"not ready: {answer.WaitsFor}");
    }
}
