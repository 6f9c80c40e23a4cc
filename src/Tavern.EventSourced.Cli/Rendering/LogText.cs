using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A log, one event per line.</summary>
internal static class LogText
{
    /// <summary>A part of a log, and how to get the part before it.</summary>
    public static void Show(Terminal terminal, LogAnswer answer, AgentNames names, string? writer = null)
    {
        var rows = new Columns();
        foreach (var entry in answer.Entries) rows.Add(Cells(entry, names));
        rows.WriteTo(terminal);
        if (answer.Previous is { } previous && !answer.Complete)
            terminal.Note(Styled.Faint($"  {answer.Observer.Name}'s log has {answer.LogLength} events. Earlier ones: "), Styled.Command(Hints.WithTavern(terminal, $"tavern log {(writer is null ? "" : writer + " ")}--before {previous}")));
    }

    /// <summary>One event.</summary>
    public static void ShowEntry(Terminal terminal, LogEntry entry, AgentNames names)
    {
        var rows = new Columns();
        rows.Add(Cells(entry, names));
        rows.WriteTo(terminal);
    }

    private static Styled[] Cells(LogEntry entry, AgentNames names) =>
    [
        Styled.Faint(Ages.Clock(entry.Event.At)),
        Styled.Strong(entry.Event.Name),
        entry.Event.Type,
        Styled.Faint(entry.Delivery.From is { } from ? "from " + from.Name : "own"),
        names.In(PayloadText.OneLine(entry.Event)),
    ];
}
