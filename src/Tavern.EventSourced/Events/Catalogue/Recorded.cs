using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events.Catalogue;

/// <summary>The first record of an agent that stands for a recorded history: what was imported, and what the file itself says about
/// it. The agents this one spawns are those of the history; nobody holds their keys any more.</summary>
/// <param name="Format"><c>who-and-when</c> or <c>shiviz</c>.</param>
/// <param name="File">The file's name, without its folder.</param>
/// <param name="Sha256">SHA-256 of the file's bytes.</param>
/// <param name="Events">How many messages or log lines it holds.</param>
/// <param name="Agents">How many agents it holds.</param>
/// <param name="UnmatchedLines">How many lines fitted no record and were left out; null for none.</param>
/// <param name="Question">The task the agents were given, as the file says; null when it says nothing, as for all below.</param>
/// <param name="GroundTruth">The right answer.</param>
/// <param name="MistakeAgent">Who made the decisive mistake, as a person judged.</param>
/// <param name="MistakeStep">Where in the file, counted from 0.</param>
/// <param name="MistakeReason">Why it is one.</param>
/// <param name="Mistake">The event at that step; null when the file has no such step.</param>
/// <param name="MistakeDoubt">Why what the file says about the mistake does not fit its messages; null when it does.</param>
public sealed record HistoryImported(
    string Format,
    string File,
    Hash Sha256,
    long Events,
    int Agents,
    int? UnmatchedLines = null,
    string? Question = null,
    string? GroundTruth = null,
    string? MistakeAgent = null,
    string? MistakeStep = null,
    string? MistakeReason = null,
    EventId? Mistake = null,
    string? MistakeDoubt = null) : TavernEvent;

/// <summary>A line of a recorded log. It changes no field of the view.</summary>
/// <param name="Text">What happened, verbatim.</param>
/// <param name="Line">Where in the file its record begins, from 1.</param>
/// <param name="Date">The date as the file writes it; null when the record has none. It is the event's time only if it is RFC 3339 with a zone.</param>
public sealed record LineLogged(string Text, long Line, string? Date = null) : TavernEvent;
