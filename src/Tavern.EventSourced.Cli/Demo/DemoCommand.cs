using Tavern.EventSourced.Cli.Commands;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary><c>tavern demo</c>: a live tavern on this machine, told step by step.</summary>
internal static class DemoCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var exit = Arg.Flag("--exit", "End after the story: 0, or 1 when a step did not hold.");
        var command = new CliCommand("demo", "See it work: five agents, five processes, one disagreement, one crash.", "demo", "demo --exit --data ./demo")
        {
            Options = { exit },
            Details = "Starts five nodes on this machine and tells a short working day with their real data. Every step is checked.\nThen it stays up until Ctrl-C. The data is kept in --data, by default a fresh folder for temporary files.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            if (settings.Output is not OutputFormat.Text)
                throw new CliException(ExitCode.Usage, "A story has no JSON form.", "text", "tavern demo --exit, and its exit code");
            return (int)await RunAsync(host, NewFolder(parse.GetValue(host.Globals.Data) is null ? null : settings.Data), parse.GetValue(exit), cancellationToken);
        });
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandHost host, string folder, bool exit, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var cast = new Cast(TavernExecutable.Current(), folder);
        var story = StayAsync(host, cast, folder, exit, ends.Token);
        var first = await Task.WhenAny(story, ParentWatch.UntilGoneAsync(host.Time, ends.Token));
        await ends.CancelAsync();
        if (first == story || cancellationToken.IsCancellationRequested) return await story;
        await ((Task)story).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // nobody is left to hear how it ended
        return ExitCode.Terminated;
    }

    private static async Task<ExitCode> StayAsync(CommandHost host, Cast cast, string folder, bool exit, CancellationToken cancellationToken)
    {
        var terminal = host.Terminal;
        var stage = new Stage(terminal, host.Time, cancellationToken);
        terminal.Line(Styled.Strong("The Prancing Pony"), ": five agents, five processes, five logs, no coordinator.");
        terminal.Line(Styled.Faint($"Their data is in {folder}."));
        await TellAsync(new Scene(cast, stage, host.Time, cancellationToken));
        terminal.Line();
        terminal.Line(
            stage.Failed == 0 ? Styled.Good($"✓ All {stage.Held} steps held") : Styled.Bad($"✗ {stage.Failed} of {stage.Held + stage.Failed} steps did not hold"),
            $" in {Ages.Of(stage.Elapsed.TotalSeconds)}.");
        var code = stage.Failed == 0 ? ExitCode.Ok : ExitCode.Negative;
        if (exit || cast.All.Any(member => !member.IsUp)) return code;
        Invitations.Write(terminal, TavernExecutable.Current(), cast);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return code;
    }

    private static async Task TellAsync(Scene scene)
    {
        if (!await Founding.TellAsync(scene)) return;
        var task = await WorkingDay.TellAsync(scene);
        await Disagreement.TellAsync(scene, task);
        await Promise.TellAsync(scene, task);
        await Crash.TellAsync(scene);
        await Agreement.TellAsync(scene);
    }

    private static string NewFolder(string? named)
    {
        if (named is null) return Directory.CreateTempSubdirectory("tavern-demo-").FullName;
        if (Directory.Exists(named) && Directory.EnumerateFileSystemEntries(named).Any())
            throw new CliException(ExitCode.Conflict, $"{named} is not empty.", "a folder that is new or empty", "tavern demo, which makes a fresh one");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(named);
        else Directory.CreateDirectory(named, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return named;
    }
}
