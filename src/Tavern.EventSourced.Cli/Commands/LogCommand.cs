using System.CommandLine;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern log</c>: events in the order an observer got them.</summary>
internal static class LogCommand
{
    private const long LimitDefault = 100;

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var what = Arg.Optional("what", "An agent: what it wrote. Or a point: what lies within it (gandalf:42, jake:80,gandalf:41, gandalf:3..gandalf:9, jake/gandalf).");
        var observer = Arg.Observer();
        var limit = Arg.Number("-n", "N", "Most events, 1 to 1000; default 100, the newest.");
        limit.Aliases.Add("--limit");
        var after = Arg.Number("--after", "CURSOR", "Only what comes after this place in the log, oldest first.");
        var before = Arg.Number("--before", "CURSOR", "Only what comes before this place in the log.");
        var filter = new FilterOptions();
        var command = new CliCommand(
            "log",
            "An observer's log: who wrote what, and who brought it.",
            "log",
            "log gandalf -n 20",
            "log -q \"west gate\" --since -5m",
            "log gandalf:3..gandalf:9 --no-text  # what Gandalf heard and did in between",
            "log --type StatusReported --observer jake",
            "log -o ndjson  # one event per line, for jq")
        {
            Arguments = { what },
            Options = { observer, limit, after, before },
            Details = """
                -q finds a text as written: é also where the author wrote \u00e9; agents by their ids, not their names.
                One search looks at no more than 50,000 events; when that was not all, it says how to go on.
                """,
        };
        filter.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var request = new ReadLog(
                parse.GetValue(observer),
                filter.Read(parse, parse.GetValue(what)),
                (int)Math.Clamp(parse.GetValue(limit) ?? LimitDefault, int.MinValue, int.MaxValue),
                parse.GetValue(after),
                parse.GetValue(before),
                !parse.GetValue(filter.NoText));
            var answer = await door.SendAsync(request, cancellationToken);
            var names = settings.Output is OutputFormat.Text ? await KnownNames.OfAsync(door, cancellationToken) : AgentNames.None;
            host.Show(settings.Output, answer, (terminal, log) => LogText.Show(terminal, log, names, Again(parse), request.After is not null), log => log.Entries);
            return (int)ExitCode.Ok;
        });
        return command;

        string Again(ParseResult parse) => "tavern log"
            + (parse.GetValue(what) is { } typed ? " " + ShellWord.Of(typed) : "")
            + filter.Words(parse)
            + (parse.GetValue(observer) is { } whose ? " --observer " + ShellWord.Of(whose) : "")
            + (parse.GetValue(limit) is { } most ? $" -n {most}" : "");
    }
}
