using System.Collections.Immutable;
using System.Globalization;

namespace Tavern.EventSourced.Histories;

/// <summary>The decisive mistake as a file names it, held against the file itself: it says who made it and at which step, and may
/// contradict itself.</summary>
/// <param name="Event">The event at that step; null when there is none.</param>
/// <param name="Doubt">Why what the file says does not fit its messages, as a sentence without its period; null when it does.</param>
internal readonly record struct RecordedMistake(RecordedId? Event, string? Doubt)
{
    /// <summary>Looks both up.</summary>
    /// <param name="agent">Who, as the file says; null when it does not.</param>
    /// <param name="step">Where, counted from 0; null when it does not say.</param>
    /// <param name="speakers">Names by index.</param>
    /// <param name="events">In the order of the file.</param>
    public static RecordedMistake Find(string? agent, string? step, ImmutableArray<string> speakers, IReadOnlyList<RecordedEvent> events)
    {
        RecordedId? at = int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < events.Count ? events[index].Id : null;
        var doubts = new List<string>();
        if (step is not null && at is null) doubts.Add($"the file names step '{LineExcerpt.Of(step)}', but its steps are 0 to {events.Count - 1}");
        if (agent is not null && !speakers.Contains(agent)) doubts.Add($"the file names '{LineExcerpt.Of(agent)}', but nobody in it is called that");
        else if (agent is not null && step is null) doubts.Add($"the file names '{LineExcerpt.Of(agent)}', but no step");
        else if (agent is not null && at is { } id && speakers[id.Speaker] != agent)
            doubts.Add($"the file names '{LineExcerpt.Of(agent)}', but its step {index} is by '{LineExcerpt.Of(speakers[id.Speaker])}'");
        return new RecordedMistake(at, doubts.Count == 0 ? null : string.Join("; ", doubts));
    }
}
