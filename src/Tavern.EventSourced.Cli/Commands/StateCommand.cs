using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Cli.Settings;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern state</c>: what an observer believes, now or at a point in history.</summary>
internal static class StateCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var agent = Arg.Optional("agent", "Only about this agent.");
        var (observer, asOf) = (Arg.Observer(), Arg.AsOf());
        var close = Arg.Flag("--close", "Widen a cut that lacks causes instead of refusing it.");
        var command = new CliCommand(
            "state",
            "What an observer believes, now or at a point in history.",
            "state",
            "state gandalf --as-of gandalf:2",
            "state --as-of jake/gandalf --close",
            "state --as-of -5m --json")
        { agent, observer, asOf, close };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var state = await door.SendAsync(new GetState(parse.GetValue(observer), parse.GetValue(asOf), parse.GetValue(agent), parse.GetValue(close)), cancellationToken);
            if (settings.Output is not OutputFormat.Text || state.Agent is not null)
            {
                host.Show(settings.Output, state, StateText.Show);
            }
            else
            {
                StateText.ShowReading(host.Terminal, state);
                var agents = await door.SendAsync(new GetAgents(state.Reading.Observer.Id, parse.GetValue(asOf) is null ? null : state.Reading.Cursor), cancellationToken);
                AgentsText.ShowRows(host.Terminal, agents.Agents);
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }
}
