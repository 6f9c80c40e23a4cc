using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary><c>tavern why</c>: why does an observer believe what it believes about a subject?</summary>
internal static class WhyCommand
{
    private const string Agree = "agree";

    /// <summary>Builds it.</summary>
    public static CliCommand Create(CommandHost host)
    {
        var observer = Arg.Required("observer", "Who believes.");
        var subject = Arg.Required("subject", "About whom.");
        var field = Arg.Option<string>("--field", "NAME", "Which field; default state.");
        var asOf = Arg.AsOf();
        var deadline = Deadline.Option();
        var watch = Arg.Flag("--watch", "Wait until they agree, then print the delivery that brought it.");
        var exitCode = Arg.Flag("--exit-code", "Return 1 when they differ.");
        var command = new CliCommand(
            "why",
            "Why an observer believes this about a subject, and why the subject differs.",
            "why jake gandalf",
            "why jake gandalf --watch",
            "why jake gandalf --as-of jake:3",
            "why jake gandalf --exit-code --json")
        { observer, subject, field, asOf, deadline, watch, exitCode };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = host.Settings(parse);
            if (parse.GetValue(watch) && parse.GetValue(asOf) is not null)
                throw new CliException(ExitCode.Usage, "--watch and --as-of contradict each other: the past does not change.", "one of them", "leave one out");
            var request = new ExplainBelief(
                parse.GetRequiredValue(observer), parse.GetRequiredValue(subject), parse.GetValue(field) ?? "state", parse.GetValue(asOf), Deadline.Of(parse, deadline));
            await using var door = await host.OpenAsync(settings, write: false, cancellationToken);
            var answer = await door.SendAsync(request, cancellationToken);
            host.Show(settings.Output, answer, WhyText.Show);
            if (parse.GetValue(watch) && answer.Verdict != Agree)
            {
                answer = await WatchAsync(host, door, request, cancellationToken);
                host.Show(settings.Output, answer, WhyText.ShowAgreement);
            }

            return (int)(parse.GetValue(exitCode) && answer.Verdict != Agree ? ExitCode.Negative : ExitCode.Ok);
        });
        return command;
    }

    private static async Task<WhyAnswer> WatchAsync(CommandHost host, IDoor door, ExplainBelief request, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), host.Time); // quick to the eye, and light for the nodes that are asked
        while (true)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var answer = await door.SendAsync(request, cancellationToken);
            if (answer.Verdict == Agree) return answer;
        }
    }
}
