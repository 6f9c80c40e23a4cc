using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>What agents say to each other: <c>ask</c>, <c>answer</c>, <c>questions</c>, <c>discover</c>, <c>send</c>.</summary>
internal static class TalkCommands
{
    /// <summary>Builds them.</summary>
    public static IReadOnlyList<CliCommand> CreateAll(CommandHost host) => [Send(host), Discover(host), Ask(host), Answer(host), Questions(host)];

    private static CliCommand Ask(CommandHost host)
    {
        var text = Arg.Required("text", "The question.");
        var to = Arg.Options("--to", "AGENT", "Who should answer; by default anyone.");
        var command = new CliCommand("ask", "Ask a question.", "ask \"Which gate?\" --to frodo --as gandalf") { text, to };
        host.Writes(command, (parse, agent) => Act.Ask(agent, parse.GetRequiredValue(text), parse.GetValue(to)), WrittenText.Show);
        return command;
    }

    private static CliCommand Answer(CommandHost host)
    {
        var question = Arg.Required("question", "The event that asked it, e.g. gandalf:5.");
        var text = Arg.Required("text", "The answer.");
        var command = new CliCommand("answer", "Answer a question.", "answer gandalf:5 \"The west gate.\" --as frodo") { question, text };
        host.Writes(command, (parse, agent) => Act.Reply(agent, parse.GetRequiredValue(question), parse.GetRequiredValue(text)), WrittenText.Show);
        return command;
    }

    private static CliCommand Questions(CommandHost host)
    {
        var open = Arg.Flag("--open", "Only those that are neither answered nor withdrawn.");
        var (observer, asOf) = (Arg.Observer(), Arg.AsOf());
        var command = new CliCommand("questions", "All questions and their answers.", "questions --open") { open, observer, asOf };
        host.Reads(command, parse => new ListQuestions(parse.GetValue(observer), parse.GetValue(open), parse.GetValue(asOf)), WorkText.ShowQuestions, answer => answer.Questions);
        return command;
    }

    private static CliCommand Discover(CommandHost host)
    {
        var text = Arg.Required("text", "What was found.");
        var topic = Arg.Option<string>("--topic", "KEY", "Later discoveries under the same topic replace this one.");
        var command = new CliCommand("discover", "Share something others should know.", "discover \"The west gate is open.\" --topic west-gate --as frodo") { text, topic };
        host.Writes(command, (parse, agent) => Act.Discover(agent, parse.GetRequiredValue(text), parse.GetValue(topic)), WrittenText.Show);
        return command;
    }

    private static CliCommand Send(CommandHost host)
    {
        var text = Arg.Required("text", "The message. Every member of the tavern can read it.");
        var to = Arg.Options("--to", "AGENT", "Addressees; by default everyone.");
        var command = new CliCommand("send", "Send a message.", "send \"Dinner is ready.\" --as jake", "send \"Bring the axe.\" --to gimli --as jake") { text, to };
        host.Writes(command, (parse, agent) => Act.Send(agent, parse.GetRequiredValue(text), parse.GetValue(to)), WrittenText.Show);
        return command;
    }
}
