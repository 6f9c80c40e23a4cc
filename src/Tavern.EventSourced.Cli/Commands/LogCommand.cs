using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern log</c>: events in the order an observer got them.</summary>
internal static class LogCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var writer = Arg.Optional("writer", "Only events that this agent wrote; by default everybody's.");
        var observer = Arg.Observer();
        var types = Arg.Options("--type", "TYPE", "Only these event types, e.g. StatusReported.");
        var limit = Arg.Option<int?>("-n", "N", "Most events, 1 to 1000; default 100, the newest.");
        var after = Arg.Option<long?>("--after", "POSITION", "Only what comes after this place in the log, oldest first.");
        var before = Arg.Option<long?>("--before", "POSITION", "Only what comes before this place in the log.");
        var command = new CliCommand(
            "log",
            "An observer's log: who wrote what, and who brought it.",
            "log",
            "log gandalf -n 20",
            "log --type StatusReported --observer jake",
            "log -o ndjson  # one event per line, for jq")
        { writer, observer, types, limit, after, before };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var request = new ReadLog(
                parse.GetValue(observer), parse.GetValue(writer), parse.GetValue(types), parse.GetValue(limit) ?? 100, parse.GetValue(after), parse.GetValue(before));
            var answer = await door.SendAsync(request, cancellationToken);
            var names = settings.Output is OutputFormat.Text ? await KnownNames.OfAsync(door, cancellationToken) : AgentNames.None;
            host.Show(settings.Output, answer, (terminal, log) => LogText.Show(terminal, log, names, parse.GetValue(writer)), log => log.Entries);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
