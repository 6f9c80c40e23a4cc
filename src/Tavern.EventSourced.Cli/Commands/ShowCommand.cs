using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern show</c>: one agent or one event, whole.</summary>
internal static class ShowCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var what = Arg.Required("what", "An agent (gandalf) or an event (gandalf:42, gandalf:42~3, gandalf:42^).");
        var observer = Arg.Observer();
        var command = new CliCommand("show", "One agent or one event, with its evidence.", "show gandalf", "show gandalf:3", "show gandalf:3^  # a cause of it") { what, observer };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            var name = parse.GetRequiredValue(what);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            if (name.Contains(':', StringComparison.Ordinal))
            {
                var @event = await door.SendAsync(new ShowEvent(name, parse.GetValue(observer)), cancellationToken);
                var names = await KnownNames.OfAsync(door, cancellationToken);
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
