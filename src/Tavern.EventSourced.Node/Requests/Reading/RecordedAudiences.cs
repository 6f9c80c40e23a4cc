using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>What records say about who had heard their events.</summary>
internal static class RecordedAudiences
{
    /// <summary>Of a recorded event; null for all others, those of the agent that stands for a file among them.</summary>
    public static RecordedAudience? Find(Witness witness, EventId id)
    {
        if (witness.View.HistoryOf(id.Agent) is not { } history || history.Id.Agent == id.Agent) return null;
        var tree = witness.View.Tree;
        var hearing = RecordedHearing.Of(
            witness.History.Causality, witness.Clock, id, witness.View.Agents.Keys.Where(agent => tree.ParentOf(agent) == history.Id.Agent), history.Events);
        return new RecordedAudience(
            history.File,
            history.Format,
            hearing.Complete,
            hearing.Since.Length,
            [.. hearing.Since.Take(RecordedAudience.ListMax).Select(since => new RecordedHearer(witness.Of(since.Agent), witness.Of(since)))],
            hearing.Unshown.Length,
            [.. witness.Of(hearing.Unshown).OrderBy(agent => agent.Name, StringComparer.Ordinal).Take(RecordedAudience.ListMax)]);
    }
}
