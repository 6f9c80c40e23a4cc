using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Who heard what, and from whom: <c>told</c>, <c>who-knows</c>, <c>disagreements</c>.</summary>
internal static class SpreadCommands
{
    /// <summary><c>tavern told</c>.</summary>
    public static CliCommand Told(CommandHost host)
    {
        var @event = Arg.Required("event", "Which, e.g. gandalf:3.");
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var command = new CliCommand("told", "Who told whom about an event; who had heard a recorded one. Asks the others.", "told gandalf:3") { @event, observer, deadline };
        host.Reads(command, parse => new GetSpread(parse.GetRequiredValue(@event), parse.GetValue(observer), Deadline.Of(parse, deadline)), ToldText.Show, answer => answer.Hearers);
        return command;
    }

    /// <summary><c>tavern who-knows</c>.</summary>
    public static CliCommand WhoKnows(CommandHost host)
    {
        var @event = Arg.Required("event", "Which, e.g. gandalf:3.");
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var command = new CliCommand("who-knows", "Who has an event, and how that is known. Asks the others.", "who-knows gandalf:3") { @event, observer, deadline };
        host.Reads(
            command, parse => new GetKnowers(parse.GetRequiredValue(@event), parse.GetValue(observer), Deadline.Of(parse, deadline)), KnowersText.Show, answer => answer.Knows);
        return command;
    }

    /// <summary><c>tavern disagreements</c>.</summary>
    public static CliCommand Disagreements(CommandHost host)
    {
        var (observer, deadline) = (Arg.Observer(), Deadline.Option());
        var exitCode = Arg.Flag("--exit-code", "Return 1 when there are any.");
        var command = new CliCommand("disagreements", "Where agents differ from each other's own account. Asks the others.", "disagreements", "disagreements --exit-code --json")
        {
            observer, deadline, exitCode,
        };
        host.Reads(
            command,
            parse => new GetDisagreements(parse.GetValue(observer), Deadline.Of(parse, deadline)),
            DisagreementsText.Show,
            answer => answer.Disagreements,
            (parse, answer) => parse.GetValue(exitCode) && answer.Disagreements.Count > 0 ? ExitCode.Negative : ExitCode.Ok);
        return command;
    }
}
