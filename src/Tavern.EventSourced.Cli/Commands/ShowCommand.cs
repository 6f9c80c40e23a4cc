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
        var what = Arg.Optional("what", "An agent (gandalf) or an event (gandalf:42, gandalf:42~3, gandalf:42^; where a chain has forked, gandalf/1:42 or gandalf:42#3f2a91c0).");
        var forks = Arg.Flag("--forks", "All chains that have forked: where, both lines, who exposed it, what to do.");
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var local = Arg.Flag("--local", "Of an event: ask nobody who has it.");
        var payload = Arg.Flag("--payload", "Of an event: only its payload, byte by byte as its writer wrote it; on a terminal without control characters.");
        var command = new CliCommand(
            "show",
            "One agent or one event, with its evidence, or all forks. For an event, asks the others who has it.",
            "show gandalf",
            "show gandalf:3",
            "show gandalf:3^  # a cause of it",
            "show gandalf:3 --payload > payload.json",
            "show --forks")
        { what, forks, observer, deadline, local, payload };
        command.Validators.Add(parse =>
        {
            if (parse.GetValue(what) is null != parse.GetValue(forks)) parse.AddError("Name an agent or an event, or give --forks; not both.");
        });
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            if (parse.GetValue(what) is not { } name)
            {
                host.Show(settings.Output, await door.SendAsync(new GetForks(parse.GetValue(observer)), cancellationToken), ForksText.Show);
            }
            else if (parse.GetValue(payload))
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
