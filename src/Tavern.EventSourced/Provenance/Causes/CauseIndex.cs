using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Which held events declare an event as a cause. Takes only declarations that can be true
/// (<see cref="CauseStanding.Reason"/>), each of the event in the past of the one that declares it, so it has no cycles, whatever authors claim. Costs about 100 bytes per declaration.
/// One owner; not safe for concurrent use.</summary>
public sealed class CauseIndex(CausalIndex events)
{
    private readonly Dictionary<EventId, List<EventId>> _effects = [];

    /// <summary>Takes an event that is in the causal index already. Each event once.</summary>
    public void Add(EventId effect, ImmutableArray<EventId> causes)
    {
        foreach (var named in causes)
        {
            if (events.Meant(effect, named) is not { } cause) continue;
            if (!_effects.TryGetValue(cause, out var effects)) _effects.Add(cause, effects = []);
            if (effects.Count == 0 || effects[^1] != effect) effects.Add(effect); // named twice by one event
        }
    }

    /// <summary>The events that declare it, causes before effects; empty when there are none.</summary>
    public IReadOnlyList<EventId> EffectsOf(EventId cause) => _effects.TryGetValue(cause, out var effects) ? effects : [];
}
