using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Doctoring;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A check-up, line by line.</summary>
internal static class DoctorText
{
    /// <summary>Every line with its health as a word, what to do below those that need something, the verdict last.</summary>
    public static void Show(Terminal terminal, DoctorAnswer answer)
    {
        foreach (var line in answer.Lines)
        {
            terminal.Line(WordOf(line.Health), "  ", Styled.Strong(line.Topic.PadRight(10)), "  ", line.What);
            if (line.Advice is { } advice) terminal.Line("         do: ", Styled.Command(advice));
        }

        var (problems, warnings) = (answer.Lines.Count(line => line.Health is Health.Problem), answer.Lines.Count(line => line.Health is Health.Warning));
        terminal.Line(answer.Healthy ? Styled.Good($"No problems, {Count(warnings, "warning")}.") : Styled.Bad($"{Count(problems, "problem")}, {Count(warnings, "warning")}."));
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static Styled WordOf(Health health) => health switch
    {
        Health.Ok => Styled.Good("ok     "),
        Health.Warning => new Styled("warning", TextStyle.Doubtful),
        _ => Styled.Bad("PROBLEM"),
    };
}
