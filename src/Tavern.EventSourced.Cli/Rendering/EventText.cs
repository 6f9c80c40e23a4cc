using System.Globalization;
using System.Text.Json;
using Tavern.EventSourced.Cli.Terminals;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Rendering;

/// <summary>One event, whole, on a screen.</summary>
internal static class EventText
{
    private const int ListMax = 4; // names in a line
    private const int FieldsMax = 8; // of the payload, so that all fits on 24 lines; the payload has a command of its own
    private const int OneLineCharsMax = 120; // the rest of one wide terminal line

    /// <summary>What it says and who has it first, then what it is tied to, then its header.</summary>
    public static void Show(Terminal terminal, EventAnswer answer, AgentNames names)
    {
        var view = answer.Event;
        terminal.Line(Styled.Strong(view.Name), $"  {view.Type}, written {Ages.Date(view.At)}, ", SignedBy(answer.Signature));
        terminal.Line("  known to ", KnownTo(answer), answer.Delivery is { From: { } from } delivery
            ? DeliveryText.IsImport(delivery)
                ? $"; {answer.Observer.Name} imported it with {from.Name} at {Ages.Clock(delivery.At)}"
                : $"; {answer.Observer.Name} heard it from {from.Name} at {Ages.Clock(delivery.At)}, hop {delivery.Hop}"
            : answer.Delivery is null ? $"; {answer.Observer.Name} has not heard of it" : "");
        if (answer.Delivery?.AheadSeconds is { } ahead)
            terminal.Line(Styled.Doubtful("! "), $"its time is {Ages.Of(ahead)} ahead of its arrival: {view.Agent.Name}'s clock is suspect; no rule reads it");
        if (view.Note is { } note) terminal.Line(Styled.Doubtful("! "), note);
        ShowPayload(terminal, view, names);
        var rows = new Columns();
        Add(rows, "causes", view.Causes);
        Add(rows, "named as cause by", answer.Effects);
        Add(rows, "built on by", answer.BuiltOn);
        Add(rows, "depends on", view.Deps);
        rows.Add(Styled.Faint("place"), $"{(answer.Delivery is { } place ? $"{place.Position} in {answer.Observer.Name}'s log, " : "")}depth {answer.Depth}");
        if (view.TraceParent is { } trace) rows.Add(Styled.Faint("trace"), trace);
        rows.Add(Styled.Faint("type"), $"{view.Type}, version {view.TypeVersion}");
        rows.Add(Styled.Faint("payload"), $"{view.PayloadBytes} bytes, {view.PayloadHash}");
        rows.Add(Styled.Faint("id"), view.Id);
        rows.Add(Styled.Faint("hash"), view.Hash);
        rows.Add(Styled.Faint("previous"), view.Previous);
        rows.WriteTo(terminal, "  ");
        Hints.Write(terminal, ($"tavern causes {view.Name}", "what it rests on"), ($"tavern told {view.Name}", "who told whom about it"));
    }

    private static Styled SignedBy(SignatureState signature) => signature.State switch
    {
        "good" => $"signed at {signature.Last?.Name}",
        "bad" => Styled.Bad("NOT SIGNED by its writer"),
        "no-key" => Styled.Doubtful("signed by a key nobody vouches for here"),
        _ => Styled.Doubtful("its signature is missing here"),
    };

    private static Styled KnownTo(EventAnswer answer)
    {
        if (answer.Knowers is not { } knowers) return EvidenceText.Of(answer.HeardBy) + " (nobody was asked)";
        var count = $"{(knowers.Exact ? "" : "at least ")}{knowers.AtLeast} of {knowers.Of}";
        var lacking = knowers.Lacks.Count == 0 ? "" : $"; not to {List(knowers.Lacks.Select(agent => agent.Name))}";
        return count + lacking + (EvidenceText.Silent(knowers.Asked) is { } silent ? $"; {silent}" : "");
    }

    private static void ShowPayload(Terminal terminal, EventView view, AgentNames names)
    {
        if (view.Payload is not { ValueKind: JsonValueKind.Object } payload)
        {
            terminal.Line("  " + PayloadText.OneLine(view.Payload, view.PayloadBytes, OneLineCharsMax));
            return;
        }

        var fields = new Columns();
        var count = 0;
        foreach (var property in payload.EnumerateObject())
            if (count++ < FieldsMax) fields.Add(Styled.Faint(JsonText.NameOf(property)), names.In(PayloadText.Value(property.Value)));
        fields.WriteTo(terminal, "  ");
        if (count > FieldsMax) terminal.Line(Styled.Faint($"  and {count - FieldsMax} more fields: "), Styled.Command(Hints.WithTavern(terminal, $"tavern show {view.Name} --payload")));
    }

    private static void Add(Columns rows, string what, IReadOnlyList<EventRef> events)
    {
        if (events.Count > 0) rows.Add(Styled.Faint(what), List(events.Select(one => one.Name)));
    }

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        var shown = string.Join(", ", all.Take(ListMax));
        return all.Count <= ListMax ? shown : shown + string.Create(CultureInfo.InvariantCulture, $" and {all.Count - ListMax} more");
    }
}
