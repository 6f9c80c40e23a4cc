using System.CommandLine;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern import</c>: recorded histories become chains of the tavern.</summary>
internal static class ImportCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var files = new Argument<string[]>("file") { Description = "One or more files.", Arity = ArgumentArity.OneOrMore };
        var format = Arg.Option<string>("--format", "FORMAT", $"What they are: {string.Join(" or ", HistoryFormats.Words)}.");
        var pattern = Arg.Option<string>("--pattern", "REGEX", "The shape of a log's records: groups host, clock, event and, if it likes, date.");
        var allowUnmatched = Arg.Flag("--allow-unmatched", "Leave out lines of a log that fit no record.");
        var again = Arg.Flag("--again", "Import a file once more although it is there.");
        var command = new CliCommand(
            "import",
            "Take recorded histories in: who said what, and what each had heard.",
            "import --format who-and-when 17.json",
            "import --format shiviz chord.log --as jake",
            "import --format shiviz akka.log --pattern '^(?<host>\\S+) (?<clock>\\{.*?\\}) (?<event>.*)$' --allow-unmatched")
        {
            Arguments = { files },
            Options = { format, pattern, allowUnmatched, again },
            Details =
                "who-and-when: a JSON file of a group chat; 'history', or a bare list, has name (or role) and content.\n" +
                "shiviz: a log with vector clocks; by default 'HOST {CLOCK} TEXT', or the text on the next line.\n" +
                "Each agent of a history gets a chain of its own, with exactly its events; nobody can write as it.\n" +
                "One agent, named after the file, stands for the file. Names that are taken, and those of several files,\n" +
                "get its name in front. All files are there whole, or nothing is; a file is imported once.\n" +
                "Histories that are imported by one command know nothing of each other.\n" +
                "A date is a time if it has a zone, as in 2014-10-13T04:23:20.113Z or +02:00; any other is kept as text.\n" +
                "--pattern is a .NET regular expression over the whole text; ^ and $ match at every line.\n" +
                "Several executions in one log must be split into one file each. No node needs to run.",
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var progress = new ProgressLine(host.Terminal);
            var known = FormatOf(parse.GetValue(format));
            var request = new ImportHistories("", HistoryFormats.WordOf(known), [])
            {
                Pattern = parse.GetValue(pattern),
                AllowUnmatched = parse.GetValue(allowUnmatched),
                Again = parse.GetValue(again),
            };
            request = request with { Files = new HistoryPaths(host.Environment, progress).Read(known, request, parse.GetRequiredValue(files)) };
            await using var door = await PassingNodeDoor.OpenAsync(host, settings, cancellationToken);
            request = request with { Agent = await Writer.ResolveAsync(door, settings.As, cancellationToken) };
            progress.Set(ProgressText.Bar(request.Files.Count, request.Files.Count, "writing"));
            var answer = await door.SendAsync(request, cancellationToken);
            progress.Clear();
            host.Show(settings.Output, answer, ImportedText.Show, imported => imported.Histories);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static HistoryFormat FormatOf(string? word) => word is not null && HistoryFormats.TryParse(word, out var format)
        ? format
        : throw new CliException(
            ExitCode.Usage,
            word is null ? "Which format? Nothing says what the files are." : $"'{word}' is not a format of recorded histories.",
            string.Join(" or ", HistoryFormats.Words),
            "tavern import --format who-and-when FILE");
}
