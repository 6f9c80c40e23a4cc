using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>A log, one event per line.</summary>
internal static class LogText
{
    private const int CharsMax = 120; // the rest of one wide terminal line; 'tavern show' has it whole

    /// <summary>A part of a log; beside it whether that was all, and the command that goes on.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="answer">What was found.</param>
    /// <param name="names">Names for ids in payloads.</param>
    /// <param name="command">The command as it was typed, without its cursor.</param>
    /// <param name="forward">True when it was asked to read on from a cursor.</param>
    public static void Show(Terminal terminal, LogAnswer answer, AgentNames names, string command, bool forward)
    {
        var rows = new Columns();
        foreach (var entry in answer.Entries) rows.Add(Cells(entry, names));
        rows.WriteTo(terminal);
        if (answer.Complete && answer.Entries.Count > 0) return;
        var (log, found) = ($"{answer.Observer.Name}'s log has {answer.LogLength} events", answer.Entries.Count);
        if (answer.Complete)
        {
            terminal.Note(Styled.Faint($"  {log}; none of those looked at fits."));
            return;
        }

        var goOn = Hints.WithTavern(terminal, forward ? $"{command} --after {answer.Next}" : $"{command} --before {answer.Previous}");
        var looked = answer.LookedTo - answer.LookedFrom + 1;
        terminal.Note(
            Styled.Faint(looked == found
                ? $"  {log}. {(forward ? "Later" : "Earlier")} ones: "
                : $"  Incomplete: {found} of {looked} looked at fit (places {answer.LookedFrom} to {answer.LookedTo}); {log}. {(forward ? "Later" : "Earlier")} ones: "),
            Styled.Command(goOn));
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
        entry.Quarantined ? Styled.Bad($"{DeliveryText.Of(entry.Delivery)}, quarantined") : Styled.Faint(DeliveryText.Of(entry.Delivery)),
        entry.Event.Payload is null && entry.Event.PayloadBase64 is null ? "" : names.In(PayloadText.OneLine(entry.Event.Payload, entry.Event.PayloadBytes, CharsMax)),
    ];
}
