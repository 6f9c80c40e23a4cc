using System.Text.Json;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>One event, whole.</summary>
internal static class EventText
{
    /// <summary>Facts first, payload below.</summary>
    public static void Show(Terminal terminal, EventAnswer answer, AgentNames names)
    {
        var view = answer.Event;
        terminal.Line(Styled.Strong(view.Name), $"  {view.Type}, written {Ages.Date(view.At)}");
        if (view.Note is { } note) terminal.Line(Styled.Doubtful("! "), note);
        var rows = new Columns();
        rows.Add(Styled.Faint("heard by"), EvidenceText.Of(answer.HeardBy));
        if (answer.Delivery is { } delivery)
            rows.Add(Styled.Faint($"in {answer.Observer.Name}'s log"), $"place {delivery.Position}, {(delivery.From is { } from ? $"from {from.Name} at {Ages.Clock(delivery.At)}, hop {delivery.Hop}" : "its own")}");
        rows.Add(Styled.Faint("depth"), $"{answer.Depth}");
        if (view.Causes.Count > 0) rows.Add(Styled.Faint("causes"), Names(view.Causes));
        if (view.Deps.Count > 0) rows.Add(Styled.Faint("depends on"), Names(view.Deps));
        if (answer.Effects.Count > 0) rows.Add(Styled.Faint("named as cause by"), Names(answer.Effects));
        if (view.TraceParent is { } trace) rows.Add(Styled.Faint("trace"), trace);
        rows.Add(Styled.Faint("id"), view.Id);
        rows.Add(Styled.Faint("hash"), view.Hash);
        rows.WriteTo(terminal, "  ");
        terminal.Line();
        if (view.Payload is not { ValueKind: JsonValueKind.Object } payload)
        {
            terminal.Line("  " + PayloadText.OneLine(view.Payload, view.PayloadBytes, 120));
            return;
        }

        var fields = new Columns();
        foreach (var property in payload.EnumerateObject()) fields.Add(Styled.Faint(property.Name), names.In(PayloadText.Value(property.Value)));
        fields.WriteTo(terminal, "  ");
        Hints.Write(terminal, ($"tavern told {view.Name}", "who told whom about it"), ($"tavern who-knows {view.Name}", "who has it"));
    }

    private static string Names(IReadOnlyList<EventRef> events) => string.Join(", ", events.Select(one => one.Name));
}
