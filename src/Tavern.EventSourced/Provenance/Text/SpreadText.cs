using System.Collections.Immutable;
using System.Globalization;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>told</c> answer for a terminal: how many have the event, then the tree, one agent per line.</summary>
public static class SpreadText
{
    /// <summary>The lines.</summary>
    public static ImmutableArray<string> Lines(SpreadTree tree, AgentNames names)
    {
        var writer = names.Start(tree.Event.Agent);
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add($"{names.Of(tree.Event)} has reached {Phrases.Count(tree.Heard, names)}.");
        lines.Add(tree.Complete ? $"The whole path is known: {tree.Edges.Count()} deliveries from {writer}. Latencies are approximate: clocks differ."
            : "Parts of the path are not known. Latencies are approximate: clocks differ.");
        lines.Add("");
        lines.AddRange(tree.Nodes.Select(node => new string(' ', 2 * node.Depth) + Line(node, tree, names)));
        return lines.ToImmutable();
    }

    private static string Line(SpreadNode node, SpreadTree tree, AgentNames names)
    {
        var who = names.Of(node.Agent);
        var line = node.State switch
        {
            SpreadState.Wrote => $"{who} wrote it{Clock(node.At)}",
            SpreadState.Delivered => $"{who} heard it from {(node.From is { } from ? names.Of(from) : "an unknown source")}{Delivery(node)}",
            SpreadState.Imported => $"{who} imported it from a recorded history{Clock(node.At)}: how it travelled before is not known",
            SpreadState.Absent => $"{who} does not have it",
            SpreadState.Waiting => $"{who} holds it back: it waits for a dependency",
            SpreadState.Refused => $"{who} refused it",
            SpreadState.Silent when node.Agent == tree.Event.Agent => $"{who} wrote it and does not answer",
            SpreadState.Silent => $"{who} does not answer: how it heard, if it did, is not known",
            SpreadState.Unasked when node.Agent == tree.Event.Agent => $"{who} wrote it and was not asked",
            SpreadState.Unasked => $"{who} was not asked: how it heard is not known",
            _ => throw new InvalidOperationException($"Spread state {node.State} has no words."),
        };
        return node.Flaw is { } flaw ? $"{line} [{Words(flaw)}]" : line;
    }

    private static string Delivery(SpreadNode node)
    {
        var latency = node.LatencyMilliseconds switch
        {
            null => "",
            < 0 => ", by its clock before its source had it",
            { } milliseconds => $", about {Phrases.Duration(milliseconds)} later",
        };
        return string.Create(CultureInfo.InvariantCulture, $" ({(node.Mode == DeliveryMode.Local ? "same node" : "network")}, hop {node.Hop}{latency})");
    }

    private static string Clock(DateTimeOffset? at) =>
        at is { } time ? string.Create(CultureInfo.InvariantCulture, $" at {time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}") : "";

    private static string Words(SpreadFlaw flaw) => flaw switch
    {
        SpreadFlaw.SourceDenies => "its source says it does not have it",
        SpreadFlaw.Circle => "these name each other in a circle",
        SpreadFlaw.HopMismatch => "its hop does not follow from its source's",
        SpreadFlaw.Recovered => "recovered from another agent after its disk was lost",
        SpreadFlaw.Lost => "it no longer has it",
        SpreadFlaw.NotTheWriter => "it says it wrote it, which the signature denies",
        SpreadFlaw.NoReceipt => "the receipt is gone",
        _ => throw new InvalidOperationException($"Flaw {flaw} has no words."),
    };
}
