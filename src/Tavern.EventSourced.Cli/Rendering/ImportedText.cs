using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>What became of recorded histories.</summary>
internal static class ImportedText
{
    private const int AgentsMax = 20; // a screen; 'tavern agents' has the rest
    private const int LinesMax = 20;

    /// <summary>A line for each; of a single one also what its agents are called.</summary>
    public static void Show(Terminal terminal, ImportedAnswer answer)
    {
        foreach (var history in answer.Histories) ShowOne(terminal, answer, history);
        if (answer.Histories is [var only]) ShowAgents(terminal, only);
        var one = answer.Histories[0];
        Hints.Write(
            terminal,
            ($"tavern causes {one.Last.Name}", "what the last event rested on"),
            ($"tavern log {one.Agents[0].Agent.Name}", "what one of them said"),
            ($"tavern told {one.Last.Name}", "who has it, and from whom"));
    }

    private static void ShowOne(Terminal terminal, ImportedAnswer answer, ImportedHistory history)
    {
        var size = $"{Count(history.Events, "event")} of {Count(history.Agents.Count, "agent")}";
        if (history.AlreadyThere)
        {
            terminal.Line(
                Styled.Strong(history.File), $" is there already: {size}, under {history.Historian.Name} ({history.Event.Name}). Nothing was done; ",
                Styled.Command("--again"), " imports it once more.");
            return;
        }

        terminal.Line(
            Styled.Good("✓ "), Styled.Strong(history.File), $" is imported: {size}, under {history.Historian.Name}; {answer.Importer.Name} vouches for it.");
        if (history.UnmatchedLines is { Count: > 0 } lines)
            terminal.Line(
                Styled.Doubtful("  left out "),
                $"line {string.Join(", ", lines.Take(LinesMax))}{(lines.Count > LinesMax ? $" and {lines.Count - LinesMax} more" : "")}");
        if (history.DatesAsText > 0)
            terminal.Line(
                Styled.Doubtful("  no time "),
                $"{Count(history.DatesAsText, "date")} without zone or of another form {(history.DatesAsText == 1 ? "is" : "are")} kept as text; a time is as in 2014-10-13T04:23:20Z");
    }

    private static void ShowAgents(Terminal terminal, ImportedHistory history)
    {
        var rows = new Columns();
        foreach (var (agent, recorded, events) in history.Agents.Take(AgentsMax))
            rows.Add(
                agent.Name,
                events switch { 0 => "no event", 1 => $"{agent.Name}:1", _ => $"{agent.Name}:1 to {agent.Name}:{events}" },
                Styled.Faint(recorded == agent.Name ? "" : $"in the file: {recorded}"));
        rows.WriteTo(terminal, "  ");
        if (history.Agents.Count > AgentsMax) terminal.Line(Styled.Faint($"  and {Count(history.Agents.Count - AgentsMax, "more agent")}"));
        if (history.Mistake is { } mistake) terminal.Line($"  the file names {mistake.Name} as the decisive mistake; {history.Event.Name} has what it says");
    }

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
