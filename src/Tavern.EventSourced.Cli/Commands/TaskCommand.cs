using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern task</c>: pieces of work.</summary>
internal static class TaskCommand
{
    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host) => new(
        "task",
        "Create, assign and carry on tasks; list them.",
        "task create \"Find the key\" --as jake",
        "task assign jake:4 gandalf --as jake",
        "task start jake:4 --as gandalf",
        "task list")
    {
        Subcommands =
        {
            Created(host), Assigned(host), Started(host), Progressed(host), Completed(host), Failed(host), Cancelled(host), List(host),
        },
        Details = "A task is named by the event that created it, e.g. jake:4. An assignment is not a lock:\ntwo agents may start the same task, and both are shown.",
    };

    private static CliCommand Created(CommandHost host)
    {
        var title = Arg.Required("title", "One line.");
        var description = Arg.Option<string>("--description", "TEXT", "More, if needed.");
        var command = new CliCommand("create", "Create a task.", "task create \"Find the key\" --description \"It opens the west gate.\" --as jake") { title, description };
        host.Writes(command, (parse, agent) => Act.CreateTask(agent, parse.GetRequiredValue(title), parse.GetValue(description)), WrittenText.Show);
        return command;
    }

    private static CliCommand Assigned(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var whom = Arg.Required("agent", "Who should do it.");
        var command = new CliCommand("assign", "Give a task to an agent.", "task assign jake:4 gandalf --as jake") { task, whom };
        host.Writes(command, (parse, agent) => Act.AssignTask(agent, parse.GetRequiredValue(task), parse.GetRequiredValue(whom)), WrittenText.Show);
        return command;
    }

    private static CliCommand Started(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var command = new CliCommand("start", "Start to work on a task.", "task start jake:4 --as gandalf") { task };
        host.Writes(command, (parse, agent) => Act.StartTask(agent, parse.GetRequiredValue(task)), WrittenText.Show);
        return command;
    }

    private static CliCommand Progressed(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var note = Arg.Required("note", "One line.");
        var percent = Arg.Option<int?>("--percent", "N", "0 to 100.");
        var command = new CliCommand("progress", "Report progress on a task.", "task progress jake:4 \"two of three doors tried\" --percent 66 --as gandalf") { task, note, percent };
        host.Writes(
            command,
            (parse, agent) => Act.ProgressTask(agent, parse.GetRequiredValue(task), parse.GetRequiredValue(note), parse.GetValue(percent)),
            WrittenText.Show);
        return command;
    }

    private static CliCommand Completed(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var result = Arg.Optional("result", "What came out.");
        var command = new CliCommand("complete", "Say a task is done.", "task complete jake:4 \"the key is under the mat\" --as gandalf") { task, result };
        host.Writes(command, (parse, agent) => Act.CompleteTask(agent, parse.GetRequiredValue(task), parse.GetValue(result)), WrittenText.Show);
        return command;
    }

    private static CliCommand Failed(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var reason = Arg.Required("reason", "Why.");
        var command = new CliCommand("fail", "Give up on a task.", "task fail jake:4 \"there is no key\" --as gandalf") { task, reason };
        host.Writes(command, (parse, agent) => Act.FailTask(agent, parse.GetRequiredValue(task), parse.GetRequiredValue(reason)), WrittenText.Show);
        return command;
    }

    private static CliCommand Cancelled(CommandHost host)
    {
        var task = Arg.Required("task", "The event that created it, e.g. jake:4.");
        var reason = Arg.Optional("reason", "Why.");
        var command = new CliCommand("cancel", "Say a task is no longer wanted.", "task cancel jake:4 \"the gate was open\" --as jake") { task, reason };
        host.Writes(command, (parse, agent) => Act.CancelTask(agent, parse.GetRequiredValue(task), parse.GetValue(reason)), WrittenText.Show);
        return command;
    }

    private static CliCommand List(CommandHost host)
    {
        var (observer, asOf) = (Arg.Observer(), Arg.AsOf());
        var command = new CliCommand("list", "All tasks and where they stand.", "task list", "task list --as-of -5m") { observer, asOf };
        host.Reads(command, parse => new ListTasks(parse.GetValue(observer), parse.GetValue(asOf)), WorkText.ShowTasks, answer => answer.Tasks);
        return command;
    }
}
