using System.Globalization;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A tavern at a glance.</summary>
internal static class StatusText
{
    /// <summary>The answer to "can I trust it" first, then the agents.</summary>
    public static void Show(Terminal terminal, StatusAnswer answer)
    {
        terminal.Line(
            Styled.Strong(answer.TavernName),
            answer.Running ? $"  node up since {Ages.Date(answer.StartedAt)}" : "  no node is running; read from the data folder",
            string.Create(CultureInfo.InvariantCulture, $", {answer.DiskBytes / 1024.0 / 1024.0:0.0} MiB on disk"));
        terminal.Line(Verdict(answer));
        foreach (var news in answer.News) terminal.Line("  ", Styled.Doubtful("! "), news);
        terminal.Line();
        var recorded = answer.Agents.Where(agent => agent.Record is not null).ToList();
        AgentsText.ShowRows(terminal, [.. answer.Agents.Where(agent => agent.Record is null)]);
        terminal.Line();
        if (recorded.Count > 0)
            terminal.Line(Styled.Faint($"and {recorded.Count} agents of recorded histories, {recorded.DistinctBy(agent => agent.Record!.Historian.Id).Count()} imported: tavern agents lists them"));
        terminal.Line(Styled.Faint(ReadingText.Of(answer.Reading)));
        if (!answer.Running) Hints.Write(terminal, ("tavern node", "start a node on this data folder"));
        else if (answer.Agreement is "differ") Hints.Write(terminal, ("tavern disagreements", "who differs, about whom"), ("tavern lag", "who is behind"));
        else if (Active(answer) == 1)
            Hints.Write(terminal, ("tavern spawn gandalf", "a second agent on this node"), ("tavern report working", "say what you are doing"));
    }

    private static Styled Verdict(StatusAnswer answer)
    {
        var silent = EvidenceText.Silent(answer.Asked) is { } text ? $" ({text})" : "";
        return answer.Agreement switch
        {
            "agree" => Styled.Good(Active(answer) == 1 ? "Only one agent so far." : $"Everyone agrees: {Active(answer)} agents have the same events."),
            "differ" => Styled.Doubtful($"Not everyone has the same events{silent}."),
            _ => Styled.Doubtful($"Whether everyone agrees is not known{silent}."),
        };
    }

    private static int Active(StatusAnswer answer) => answer.Agents.Count(agent => !agent.Retired);
}
