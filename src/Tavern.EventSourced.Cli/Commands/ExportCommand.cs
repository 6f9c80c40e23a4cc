using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern export</c>: a whole log, ascending.</summary>
internal static class ExportCommand
{
    private const int ProgressEvery = 1000; // events between two updates: a few per second, not a flicker

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var observer = Arg.Observer();
        var command = new CliCommand("export", "A whole log, oldest first, one event per line.", "export -o ndjson > tavern.ndjson", "export --observer gandalf | wc -l")
        {
            Options = { observer },
            Details = "The form is ndjson, also without -o: a log has no end that a single JSON value could wait for.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            if (settings.Output is OutputFormat.Json)
                throw new CliException(ExitCode.Usage, "An export is not one JSON value.", "-o ndjson: one event per line", "tavern export -o ndjson");
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var answer = await door.SendAsync(new ExportLog(parse.GetValue(observer)), cancellationToken);
            var progress = new ProgressLine(host.Terminal);
            var count = 0L;
            await foreach (var view in answer.Events.WithCancellation(cancellationToken))
            {
                JsonOutput.Write(host.Terminal, view, indented: false);
                if (++count % ProgressEvery == 0) progress.Set($"{count} events");
            }

            progress.Clear();
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
