using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern tail</c>: follows a log until Ctrl-C.</summary>
internal static class TailCommand
{
    private const int LinesDefault = 10; // what fits above the first news, as with tail(1)

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var observer = Arg.Observer();
        var lines = Arg.Number("-n", "N", "Begin with the last N events that fit, 0 to 1000; default 10.");
        var filter = new FilterOptions();
        var command = new CliCommand(
            "tail",
            "Follow a log as events arrive, until Ctrl-C.",
            "tail",
            "tail --agent gandalf,frodo --type StatusReported",
            "tail -n 0 -o ndjson  # only news, one event per line")
        { observer, lines };
        filter.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var whose = parse.GetValue(observer);
            var (wanted, texts) = (filter.Read(parse), !parse.GetValue(filter.NoText));
            var start = (parse.GetValue(lines) ?? LinesDefault) is not 0 and var count
                ? await door.SendAsync(new ReadLog(whose, wanted, (int)Math.Clamp(count, int.MinValue, int.MaxValue), Texts: texts), cancellationToken)
                : await door.SendAsync(new TailLog(whose, Filter: wanted, Texts: texts), cancellationToken);
            var names = settings.Output is OutputFormat.Text ? await KnownNames.OfAsync(door, cancellationToken) : AgentNames.None;
            Show(start.Entries);
            for (var next = start.Next; ;)
            {
                var news = await door.SendAsync(new TailLog(whose, next, Filter: wanted, Texts: texts), cancellationToken);
                if (settings.Output is OutputFormat.Text && news.Entries.Any(entry => entry.Event.Type is "AgentSpawned")) names = await KnownNames.OfAsync(door, cancellationToken);
                Show(news.Entries);
                next = news.Next;
            }

            void Show(IReadOnlyList<LogEntry> entries)
            {
                foreach (var entry in entries)
                    if (settings.Output is OutputFormat.Text) LogText.ShowEntry(host.Terminal, entry, names);
                    else JsonOutput.Write(host.Terminal, entry, indented: false);
            }
        });
        return command;
    }
}
