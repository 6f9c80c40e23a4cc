using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>Who told whom, as a tree.</summary>
internal static class ToldText
{
    /// <summary>The writer first; below each agent those whom it told. Before that, of a recorded event, who in the record had heard it.</summary>
    public static void Show(Terminal terminal, SpreadAnswer answer)
    {
        terminal.Line(Styled.Strong(answer.Event.Name), $"  {answer.Type}, written {Ages.Date(answer.WrittenAt)}{(answer.Record is null ? $", heard by {EvidenceText.Of(answer.HeardBy)}" : "")}");
        if (answer.Recorded is { } audience) RecordedText.Show(terminal, audience);
        if (answer.Record is { } record)
            terminal.Line($"  in this tavern, heard by {EvidenceText.Of(answer.HeardBy)}: how the import of {record.File} spread here, not who told whom then");
        var known = answer.Hearers.Select(hearer => hearer.Agent.Id).ToHashSet();
        var rows = new Columns();
        foreach (var root in answer.Hearers)
            if (root.From is null || !known.Contains(root.From.Id)) Add(rows, answer, root, "", "");
        rows.WriteTo(terminal, answer.Record is null ? "  " : "    ");
        if (answer.NotHeard.Count > 0) terminal.Line(Styled.Doubtful("  not heard by "), string.Join(", ", answer.NotHeard.Select(agent => agent.Name)));
        if (EvidenceText.Silent(answer.Asked) is { } silent) terminal.Line("  ", Styled.Doubtful(silent));
    }

    private static void Add(Columns rows, SpreadAnswer answer, Hearer hearer, string branch, string indent)
    {
        rows.Add(branch + hearer.Agent.Name, hearer switch
        {
            { State: "imported" } => Styled.Faint($"imported it at {Ages.Clock(hearer.At)}"),
            { State: "silent" or "unasked" } when hearer.Agent.Id != answer.Writer.Id => Styled.Doubtful("told others; does not say from whom it has it"),
            { From: null } => Styled.Faint("wrote it"),
            { HopSeconds: { } hop, TotalSeconds: null } => $"from {hearer.From.Name} at {Ages.Clock(hearer.At)}, +{Ages.Of(hop)}",
            { HopSeconds: { } hop, TotalSeconds: { } total } => $"from {hearer.From.Name} at {Ages.Clock(hearer.At)}, +{Ages.Of(hop)} ({Ages.Of(total)} after it was written)",
            _ => $"from {hearer.From.Name} at {Ages.Clock(hearer.At)}",
        });
        var told = answer.Hearers.Where(next => next.From?.Id == hearer.Agent.Id && next.Agent.Id != hearer.Agent.Id).ToList();
        for (var i = 0; i < told.Count; i++)
        {
            var last = i == told.Count - 1;
            Add(rows, answer, told[i], indent + (last ? "└ " : "├ "), indent + (last ? "  " : "│ "));
        }
    }
}
