using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Whether all agents have the same events.</summary>
internal static class ConvergenceText
{
    /// <summary>One line.</summary>
    public static void Show(Terminal terminal, ConvergenceAnswer answer) =>
        terminal.Line(answer.Converged ? Styled.Good(Sentence(answer)) : Styled.Doubtful(Sentence(answer)));

    /// <summary>The same without colour.</summary>
    public static string Sentence(ConvergenceAnswer answer)
    {
        if (answer.Converged) return $"Everyone has the same {answer.Reading.Events} events.";
        var parts = answer.Behind.Select(line => $"{line.Agent.Name} lacks {line.Events}").ToList();
        if (EvidenceText.Silent(answer.Asked) is { } silent) parts.Add(silent);
        return $"Not everyone has the same events: {(parts.Count > 0 ? string.Join(", ", parts) : "clocks differ")}.";
    }
}
