using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Histories;

/// <summary>Turns what was said into events of the catalogue.</summary>
internal static class RecordedEvents
{
    /// <summary>The event for a message or a line.</summary>
    public static TavernEvent BodyOf(RecordedContent content, Func<int, AgentId> agentOf) => content switch
    {
        RecordedContent.Message said => new MessageSent(said.Text, said.To is { } to ? [agentOf(to)] : null, said.Role, said.IsJson ? "json" : null),
        RecordedContent.Line line => new LineLogged(line.Text, line.Number, line.Date),
        _ => throw new InvalidOperationException($"Content of another kind: {content}."),
    };

    /// <summary>The event that says what was imported.</summary>
    public static HistoryImported About(RecordedHistory history, Func<RecordedId, EventId> idOf) => new(
        HistoryFormats.WordOf(history.Format), history.File, history.Sha256, history.Events.Length, history.Speakers.Length,
        history.UnmatchedLines.IsEmpty ? null : history.UnmatchedLines.Length,
        history.Verdict?.Question, history.Verdict?.GroundTruth, history.Verdict?.MistakeAgent, history.Verdict?.MistakeStep,
        history.Verdict?.MistakeReason, history.Verdict?.Mistake is { } mistake ? idOf(mistake) : null, history.Verdict?.Doubt);
}
