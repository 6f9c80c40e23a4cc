using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who has an event, as far as the logs at hand prove it: hosted agents by their logs, the others because an event they
/// wrote depends on it. Valid only inside one read.</summary>
internal sealed class Audience
{
    private readonly HistoryReader _history;
    private readonly List<AgentId> _hosted = [];
    private readonly List<EventId[]> _others = [];

    public Audience(IReadOnlySet<AgentId> hosted, HistoryReader history, TavernView view)
    {
        _history = history;
        Living = [.. view.Agents.Values.Where(agent => agent.Retired is null).Select(agent => agent.Id)];
        var heads = history.Causality.Heads.Entries.ToLookup(entry => entry.Chain.Agent, entry => entry.Chain[entry.Sequence]);
        foreach (var agent in Living)
            if (hosted.Contains(agent)) _hosted.Add(agent);
            else _others.Add([.. heads[agent]]);
    }

    /// <summary>Agents that are not retired, sorted.</summary>
    public IReadOnlyList<AgentId> Living { get; }

    /// <summary>How many have it.</summary>
    public HeardBy Of(EventId id)
    {
        var count = _hosted.Count(agent => _history.HasDelivered(agent, id));
        foreach (var heads in _others)
            if (Array.Exists(heads, head => _history.Causality.KnownAt(head, id.Chain) >= id.Sequence)) count++;
        return new HeardBy(count, Living.Count, count == Living.Count || _others.Count == 0);
    }
}
