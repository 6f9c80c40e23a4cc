using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern wait</c>: returns when all agents have the same events.</summary>
internal static class WaitCommand
{
    private const double TimeoutDefault = 30; // a healed partition of any size tested here is over long before

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100); // short against a gossip round of a second

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var converged = Arg.Flag("--converged", "Until all agents that are not retired have the same events; the default.");
        var timeout = Arg.Option<double?>("--timeout", "SECONDS", "How long to wait; default 30.");
        var observer = Arg.Observer();
        var command = new CliCommand("wait", "Wait until all agents have the same events.", "wait --converged", "wait --converged --timeout 60 && tavern state --json")
        {
            Options = { converged, timeout, observer },
            Details = "Returns 5 when the time is over.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var limit = TimeSpan.FromSeconds(parse.GetValue(timeout) ?? TimeoutDefault);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var started = host.Time.GetTimestamp();
            using var timer = new PeriodicTimer(PollInterval, host.Time);
            var progress = new ProgressLine(host.Terminal);
            while (true)
            {
                var left = limit - host.Time.GetElapsedTime(started);
                var answer = await door.SendAsync(new GetConvergence(parse.GetValue(observer), Math.Clamp(left.TotalSeconds, 0.1, 2)), cancellationToken);
                if (answer.Converged || host.Time.GetElapsedTime(started) >= limit)
                {
                    progress.Clear();
                    host.Show(settings.Output, answer, ConvergenceText.Show);
                    return (int)(answer.Converged ? ExitCode.Ok : ExitCode.TimedOut);
                }

                progress.Set(ConvergenceText.Sentence(answer));
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        });
        return command;
    }
}
