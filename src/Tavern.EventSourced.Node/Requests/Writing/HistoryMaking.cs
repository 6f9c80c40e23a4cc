using System.Collections.Immutable;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Where a recorded history is.</summary>
/// <param name="Historian">The agent that stands for it.</param>
/// <param name="AlreadyThere">True when nothing had to be done.</param>
/// <param name="Read">The history as the file has it.</param>
internal readonly record struct HistoryOutcome(AgentId Historian, bool AlreadyThere, RecordedHistory Read);

/// <summary>Names recorded histories and makes their chains, with keys that are never stored. They go with the chains: whoever asked may have
/// given up while the loop still signs with them, so nobody else knows when they are needed no more.</summary>
internal sealed class HistoryMaking(ImmutableArray<RecordedHistory> histories, ImportHistories request)
{
    private readonly List<HistoryOutcome> _outcomes = [];

    /// <summary>Where each history is, once they were made and written.</summary>
    public IReadOnlyList<HistoryOutcome> Outcomes => _outcomes;

    /// <summary>The chains of those that are not there yet. To be called once.</summary>
    public ImmutableArray<RecordedChains> Make(Witness witness)
    {
        var chains = ImmutableArray.CreateBuilder<RecordedChains>();
        var (names, there) = (new HashSet<string>(StringComparer.Ordinal), witness.View.Histories.Values.ToLookup(history => history.Sha256, history => history.Id.Agent));
        var now = new Dictionary<Hash, AgentId>();
        foreach (var history in histories)
        {
            AgentId? before = request.Again ? null : there[history.Sha256].Cast<AgentId?>().FirstOrDefault();
            if (before is null && now.TryGetValue(history.Sha256, out var twice)) before = twice; // the same file twice in one request
            if (before is null) chains.Add(Make(history, witness, names));
            var historian = before ?? chains[^1].Historian;
            now[history.Sha256] = historian;
            _outcomes.Add(new HistoryOutcome(historian, before is not null, history));
        }

        return chains.DrainToImmutable();
    }

    private RecordedChains Make(RecordedHistory history, Witness witness, HashSet<string> names)
    {
        var chosen = SpeakerNames.Choose(
            history, request.Prefixed || histories.Length > 1, name => names.Contains(name) || witness.Names.Find(name) is NameLookup.Found);
        names.UnionWith(chosen.Speakers.Append(chosen.Historian));
        return new RecordedChains(history, Agent(chosen.Historian), [.. chosen.Speakers.Select(Agent)]);
    }

    private static RecordedAgent Agent(string name) => new(name, EcdsaSigner.Create());
}
