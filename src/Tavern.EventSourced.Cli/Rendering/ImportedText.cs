using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Histories;
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
        var isMistake = one is { Mistake: not null, MistakeDoubt: null };
        var heard = one.Mistake?.Name ?? $"{one.Agents.First(agent => agent.Events > 0).Agent.Name}:1"; // nobody can have heard the last
        Hints.Write(
            terminal,
            [
                .. PastOf(one),
                ($"tavern log {one.Agents[0].Agent.Name}", "what one of them said"),
                ($"tavern told {heard}", isMistake ? "who had heard the mistake then, and has it here" : "who had heard it then, and has it here"),
            ]);
    }

    /// <summary>A log declares no causes: what its events had heard is in their clocks alone.</summary>
    private static IEnumerable<(string Command, string For)> PastOf(ImportedHistory history)
    {
        if (history.Format != HistoryFormats.WordOf(HistoryFormat.ShiViz))
        {
            yield return ($"tavern causes {history.Last.Name}", "what the last event rested on");
            yield break;
        }

        yield return ($"tavern show {history.Last.Name}", "what the last event had heard");
        var first = $"{history.Agents[0].Agent.Name}:1";
        if (first != history.Last.Name) yield return ($"tavern relation {first} {history.Last.Name}", "whether one is before the other");
    }

    private static void ShowOne(Terminal terminal, ImportedAnswer answer, ImportedHistory history)
    {
        var size = $"{Count(history.Events, "event")} of {Count(history.Agents.Count, "agent")}";
        if (history.AlreadyThere && answer.Histories.Any(other => !other.AlreadyThere && other.Historian == history.Historian))
        {
            terminal.Line(Styled.Strong(history.File), $" was given more than once: it is imported once, under {history.Historian.Name}.");
            return;
        }

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
        if (history.MistakeDoubt is { } doubt)
            terminal.Line(Styled.Doubtful("  the decisive mistake is in doubt: "), $"{doubt}; {history.Event.Name} has what it says");
        else if (history.Mistake is { } mistake) terminal.Line($"  the file names {mistake.Name} as the decisive mistake; {history.Event.Name} has what it says");
    }

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
