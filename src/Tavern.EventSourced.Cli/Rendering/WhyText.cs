using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>The answer to "why". Two lines answer it; what it rests on follows, at most 15 lines in all; then what would help.</summary>
internal static class WhyText
{
    private const int LinesMax = 15;

    /// <summary>The whole answer.</summary>
    public static void Show(Terminal terminal, WhyAnswer answer)
    {
        terminal.Line(Styled.Strong(answer.Headline));
        terminal.Line(answer.Verdict is "agree" ? Styled.Good(answer.Cause) : Styled.Doubtful(answer.Cause));
        var lines = Below(answer);
        var room = LinesMax - 2;
        for (var i = 0; i < Math.Min(lines.Count, room); i++)
            terminal.Line("  ", i == room - 1 && lines.Count > room ? Styled.Faint($"and {lines.Count - i} more; --json has all") : lines[i]);
        for (var i = 0; i < answer.Commands.Count; i++)
        {
            var command = answer.Commands[i];
            var actor = command.Split(" --as ") is [_, var name] ? name : null;
            terminal.Note(
                i == 0 ? "  try: " : "       ",
                Styled.Command(actor is null ? Hints.WithTavern(terminal, command) : command),
                Styled.Faint(actor is null ? "" : $"  at {actor}'s node"));
        }
    }

    /// <summary>After a wait: the delivery that brought agreement.</summary>
    public static void ShowAgreement(Terminal terminal, WhyAnswer answer)
    {
        terminal.Line(Styled.Good(answer.Headline));
        if (answer.Observed?.Evidence is { } evidence)
            terminal.Line(
                $"{answer.Observer.Name} has {evidence.AsOf.Name}",
                evidence.Delivery is { From: not null } delivery ? $" {DeliveryText.Of(delivery)} at {Ages.Clock(delivery.At)}, hop {delivery.Hop}." : ".");
    }

    private static List<Styled> Below(WhyAnswer answer)
    {
        List<Styled> lines = [.. answer.Evidence];
        if (EvidenceText.Silent(answer.Asked) is { } silent && !answer.Evidence.Any(line => line.Contains("no answer from", StringComparison.Ordinal))) lines.Add(Styled.Doubtful(silent));
        return lines;
    }
}
