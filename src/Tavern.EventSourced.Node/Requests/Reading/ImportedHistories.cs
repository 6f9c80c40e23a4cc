using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Recorded histories as a log has them.</summary>
internal static class ImportedHistories
{
    /// <summary>What is there of a history.</summary>
    public static ImportedHistory Describe(Witness witness, HistoryOutcome outcome)
    {
        var history = witness.View.Histories[outcome.Historian];
        var about = (HistoryImported)Body(witness, history.Id)!;
        var agents = SpeakersOf(witness, history.Id, about).ToList();
        var last = agents.Select(line => Witness.HeadOf(witness.Clock, AgentId.Parse(line.Agent.Id))).OfType<EventId>()
            .DefaultIfEmpty(history.Id).MaxBy(witness.History.Causality.DepthOf);
        return new ImportedHistory(
            witness.Of(outcome.Historian), witness.Of(history.Id), history.File, history.Format, history.Sha256.ToString(), outcome.AlreadyThere,
            history.Events, agents, witness.Of(last), about.Mistake is { } mistake ? witness.Of(mistake) : null, outcome.Read.UnmatchedLines, outcome.Read.DatesAsText(), about.MistakeDoubt);
    }

    /// <summary>Those it spawned right after saying what the file is.</summary>
    private static IEnumerable<RecordedLine> SpeakersOf(Witness witness, EventId first, HistoryImported about)
    {
        for (var sequence = first.Sequence + 1; sequence <= witness.Clock[first.Chain] && Body(witness, first.Chain[sequence]) is AgentSpawned spawned; sequence++)
        {
            var ending = $", in {about.File}";
            var recorded = spawned.Role is { } role && role.EndsWith(ending, StringComparison.Ordinal) ? role[..^ending.Length] : spawned.Name;
            yield return new RecordedLine(witness.Of(spawned.Agent), recorded, Witness.HeadOf(witness.Clock, spawned.Agent)?.Sequence ?? 0);
        }
    }

    private static TavernEvent? Body(Witness witness, EventId id) => EventCatalogue.TryRead(witness.History.Record(id), out var body) ? body : null;
}
