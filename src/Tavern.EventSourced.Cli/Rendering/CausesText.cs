using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Declared causes, or effects, as a tree.</summary>
internal static class CausesText
{
    /// <summary>What an event rests on.</summary>
    public static void ShowCauses(Terminal terminal, CausesAnswer answer)
    {
        var name = answer.Event.Name;
        if (answer.Lines.Count > 0) Show(terminal, answer, "causes", $"rests on {Count(answer)}");
        else ShowNone(terminal, name, "declares no causes.", ($"tavern show {name}", "what it had heard"), ($"tavern effects {name}", "what rests on it"));
    }

    /// <summary>What rests on an event.</summary>
    public static void ShowEffects(Terminal terminal, CausesAnswer answer)
    {
        var name = answer.Event.Name;
        if (answer.Lines.Count > 0) Show(terminal, answer, "effects", $"has led to {Count(answer)}");
        else ShowNone(
            terminal, name, $"is not declared as a cause by anything that {answer.Observer.Name} has.", ($"tavern show {name}", "who built on it"), ($"tavern causes {name}", "what it rests on"));
    }

    private static void ShowNone(Terminal terminal, string name, string sentence, params ReadOnlySpan<(string Command, string For)> hints)
    {
        terminal.Line(Styled.Strong(name), " " + sentence);
        Hints.Write(terminal, hints);
    }

    private static string Count(CausesAnswer answer) => $"{(answer.Complete ? "" : "at least ")}{answer.Events} event{(answer.Events == 1 ? "" : "s")}";

    private static void Show(Terminal terminal, CausesAnswer answer, string command, string says)
    {
        terminal.Line(Styled.Strong(answer.Event.Name), $" {says}.");
        var rows = new Columns();
        rows.Add(Cells("", answer.Event, ""));
        var lasts = LastsOf(answer.Lines);
        var indents = new List<string> { "" };
        for (var i = 0; i < answer.Lines.Count; i++)
        {
            var line = answer.Lines[i];
            indents.RemoveRange(line.Depth, indents.Count - line.Depth);
            indents.Add(indents[^1] + (lasts[i] ? "  " : "│ "));
            rows.Add(Cells(indents[line.Depth - 1] + (lasts[i] ? "└ " : "├ "), line.Event, RemarkOf(line)));
        }

        rows.WriteTo(terminal, "  ");
        if (answer.Complete) return;
        var further = answer.Lines.FirstOrDefault(line => line.More)?.Event ?? answer.Event;
        terminal.Note(
            Styled.Doubtful("  Cut short"),
            Styled.Faint(": the nearest are shown; (more) marks where it goes on. Go on: "),
            Styled.Command(Hints.WithTavern(terminal, $"tavern {command} {further.Name}")));
    }

    /// <summary>Per line, whether it is the last below the line it hangs under: nothing of its depth follows before something less deep.</summary>
    private static bool[] LastsOf(IReadOnlyList<CauseRow> lines)
    {
        var (lasts, open) = (new bool[lines.Count], new List<bool>());
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            var depth = lines[i].Depth;
            while (open.Count < depth) open.Add(false);
            lasts[i] = !open[depth - 1];
            open[depth - 1] = true;
            open.RemoveRange(depth, open.Count - depth);
        }

        return lasts;
    }

    private static string RemarkOf(CauseRow line) => line switch
    {
        { Standing: "unknown" } => "not held here",
        { Standing: "not-before" } => "no reason: its author had not heard of it",
        { Again: true } => "see its other line",
        { More: true } => "(more)",
        _ => "",
    };

    private static Styled[] Cells(string branch, EventBrief brief, string remark) =>
    [
        branch + brief.Name,
        brief.Type ?? "?",
        Styled.Faint(Ages.Date(brief.At)),
        remark.Length == 0 ? brief.Text ?? "" : Styled.Doubtful(remark.StartsWith("see", StringComparison.Ordinal) || brief.Text is null ? remark : $"{remark}  {brief.Text}"),
    ];
}
