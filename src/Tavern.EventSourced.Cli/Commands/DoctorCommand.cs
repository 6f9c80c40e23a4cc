using System.CommandLine;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Doctoring;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern doctor</c>: one page about everything a node needs.</summary>
internal static class DoctorCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var command = new CliCommand("doctor", "Look at everything a node needs, and say what to do.", "doctor", "doctor --data ./gandalf --json")
        {
            Details = "Returns 1 when there is a problem; warnings return 0.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var folder = DataFolders.Meant(settings, host.Environment);
            List<string> around = [host.Environment.FullPath(".")];
            if (Path.GetDirectoryName(folder) is { } above) around.Add(above);
            var answer = await new Doctor(folder, FoundBy(host, parse, settings), settings.Keys, around, host.Time).ExamineAsync(cancellationToken);
            host.Show(settings.Output, answer, DoctorText.Show, shown => shown.Lines);
            return (int)(answer.Healthy ? ExitCode.Ok : ExitCode.Negative);
        });
        return command;
    }

    private static string FoundBy(CommandHost host, ParseResult parse, CliSettings settings) =>
        parse.GetValue(host.Globals.Data) is not null ? "named by --data"
        : host.Environment["TAVERN_DATA"] is not null ? "named by TAVERN_DATA"
        : settings.Data is not null ? $"named in {host.Environment.ConfigFile}"
        : "the current one";
}
