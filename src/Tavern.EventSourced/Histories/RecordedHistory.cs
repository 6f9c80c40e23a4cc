using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Histories;

/// <summary>A recorded history, whatever format it came in: who said what, and what each had heard before.</summary>
/// <param name="Format">The format it came in.</param>
/// <param name="File">The file's name.</param>
/// <param name="Sha256">SHA-256 of the file's bytes.</param>
/// <param name="Speakers">The names of its agents as the file writes them, each once, by first appearance.</param>
/// <param name="Events">Causes before effects; each speaker's from 1 without holes. At least one.</param>
public sealed record RecordedHistory(
    HistoryFormat Format, string File, Hash Sha256, ImmutableArray<string> Speakers, ImmutableArray<RecordedEvent> Events)
{
    /// <summary>What the file says about itself; null when it says nothing.</summary>
    public RecordedVerdict? Verdict { get; init; }

    /// <summary>Lines that fitted no record and were left out, from 1; empty unless that was allowed.</summary>
    public ImmutableArray<int> UnmatchedLines { get; init; } = [];

    /// <summary>How many events have a date that is no time beyond doubt, and is kept as text alone.</summary>
    public int DatesAsText() => Events.Count(one => one.Time.IsUnknown && one.Content is RecordedContent.Line { Date: not null });

    /// <summary>How many events a speaker has.</summary>
    public ImmutableArray<long> Counts()
    {
        var counts = new long[Speakers.Length];
        foreach (var one in Events) counts[one.Id.Speaker]++;
        return [.. counts];
    }
}

/// <summary>Names an event of a recorded history.</summary>
/// <param name="Speaker">Whose: an index into the history's speakers.</param>
/// <param name="Sequence">From 1.</param>
public readonly record struct RecordedId(int Speaker, long Sequence);

/// <summary>One message or log line.</summary>
/// <param name="Id">Whose, and which of its.</param>
/// <param name="Time">When, as the file says; unknown when it does not.</param>
/// <param name="Heads">What its speaker had newly heard since its last event: the closure of these, with the speaker's own events, is
/// exactly its causal past. One per speaker at most.</param>
/// <param name="Causes">What the file, or its format, declares as its reasons.</param>
/// <param name="Content">What was said.</param>
public sealed record RecordedEvent(
    RecordedId Id, HybridTime Time, ImmutableArray<RecordedId> Heads, ImmutableArray<RecordedId> Causes, RecordedContent Content);

/// <summary>What was said.</summary>
public abstract record RecordedContent
{
    private RecordedContent()
    {
    }

    /// <summary>A message.</summary>
    /// <param name="Text">Verbatim.</param>
    /// <param name="IsJson">True when the file holds something that is no text, and <paramref name="Text"/> is its JSON.</param>
    /// <param name="Role">The role it was said in, verbatim; null when there is none.</param>
    /// <param name="To">The speaker it is addressed to; null for everybody.</param>
    public sealed record Message(string Text, bool IsJson, string? Role, int? To) : RecordedContent;

    /// <summary>A line of a log.</summary>
    /// <param name="Text">Verbatim.</param>
    /// <param name="Number">Where in the file its record begins, from 1.</param>
    /// <param name="Date">The date as the file writes it; null when there is none.</param>
    public sealed record Line(string Text, long Number, string? Date) : RecordedContent;
}

/// <summary>What a file says about the history in it; each null when it says nothing.</summary>
/// <param name="Question">The task the agents were given.</param>
/// <param name="GroundTruth">The right answer.</param>
/// <param name="MistakeAgent">Who made the decisive mistake, as a person judged.</param>
/// <param name="MistakeStep">Where, counted from 0, as the file writes it.</param>
/// <param name="MistakeReason">Why.</param>
/// <param name="Mistake">The event at that step; null when there is none.</param>
public sealed record RecordedVerdict(
    string? Question, string? GroundTruth, string? MistakeAgent, string? MistakeStep, string? MistakeReason, RecordedId? Mistake)
{
    /// <summary>Why what the file says about the mistake does not fit its messages, as a sentence without its period; null when it does.</summary>
    public string? Doubt { get; init; }
}
