using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern endorse</c>: an ancestor vouches for what an agent writes after a fork.</summary>
internal static class EndorseCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var who = Arg.Required("agent", "Who forked and goes on in a new epoch: an agent below the writer.");
        var command = new CliCommand("endorse", "Let what an agent writes after a fork count.", "endorse gandalf --as jake") { who };
        host.Writes(command, (parse, agent) => Act.Endorse(agent, parse.GetRequiredValue(who)), WrittenText.Show);
        return command;
    }
}
