using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern retire</c>: an agent ends, by itself or by an ancestor.</summary>
internal static class RetireCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var who = Arg.Required("agent", "Who retires: the writer itself, or an agent below it.");
        var reason = Arg.Optional("reason", "Why.");
        var command = new CliCommand("retire", "End an agent. What it writes later is shown as late, and not counted.", "retire gimli \"gone home\" --as jake") { who, reason };
        host.Writes(command, (parse, agent) => Act.Retire(agent, parse.GetRequiredValue(who), parse.GetValue(reason)), WrittenText.Show);
        return command;
    }
}
