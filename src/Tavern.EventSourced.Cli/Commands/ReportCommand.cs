using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern report</c>: an agent says what it does.</summary>
internal static class ReportCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var state = Arg.Required("state", "idle, working, waiting or done.").AcceptOnly("idle", "working", "waiting", "done");
        var note = Arg.Optional("note", "One line for the others.");
        var task = Arg.Option<string>("--task", "TASK", "The task it is about, e.g. jake:4.");
        var command = new CliCommand(
            "report",
            "Say what you are doing.",
            "report working \"reading the old scrolls\" --as gandalf",
            "report done --task jake:4 --as gandalf  # a claim: complete only once its commitments are verified")
        { state, note, task };
        host.Writes(command, (parse, agent) => Act.Report(agent, parse.GetRequiredValue(state), parse.GetValue(note), parse.GetValue(task)), WrittenText.Show);
        return command;
    }
}
