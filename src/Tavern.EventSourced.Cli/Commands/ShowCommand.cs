using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern show</c>: one agent or one event, whole.</summary>
internal static class ShowCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var what = Arg.Required("what", "An agent (gandalf) or an event (gandalf:42, gandalf:42~3, gandalf:42^).");
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var local = Arg.Flag("--local", "Of an event: ask nobody who has it.");
        var payload = Arg.Flag("--payload", "Of an event: only its payload, byte by byte as its writer wrote it; on a terminal without control characters.");
        var command = new CliCommand(
            "show",
            "One agent or one event, with its evidence. For an event, asks the others who has it.",
            "show gandalf",
            "show gandalf:3",
            "show gandalf:3^  # a cause of it",
            "show gandalf:3 --payload > payload.json")
        { what, observer, deadline, local, payload };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var name = parse.GetRequiredValue(what);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            if (parse.GetValue(payload))
            {
                PayloadOutput.Write(host.Terminal, await door.SendAsync(new GetRecord(name), cancellationToken));
            }
            else if (name.Contains(':', StringComparison.Ordinal))
            {
                var request = new ShowEvent(name, parse.GetValue(observer), Deadline.Of(parse, deadline), parse.GetValue(local));
                var @event = await door.SendAsync(request, cancellationToken);
                var names = settings.Output is OutputFormat.Text ? await KnownNames.OfAsync(door, cancellationToken) : AgentNames.None;
                host.Show(settings.Output, @event, (terminal, answer) => EventText.Show(terminal, answer, names));
            }
            else
            {
                host.Show(settings.Output, await door.SendAsync(new ShowAgent(name, parse.GetValue(observer)), cancellationToken), AgentText.Show);
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }
}
