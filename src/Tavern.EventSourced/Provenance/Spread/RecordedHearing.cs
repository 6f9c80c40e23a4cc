using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Who else in a recorded history had heard one of its events, as far as happens-before proves it. It tells neither from whom nor
/// when: an agent may have heard an event long before the first of its own that shows it.</summary>
/// <param name="Event">The recorded event.</param>
/// <param name="Since">Per other agent that had heard it, its first event with the event in its causal past, in canonical order: the first
/// to show it comes first.</param>
/// <param name="Unshown">The other agents, sorted: none of their events comes after it.</param>
/// <param name="Complete">False when the cut lacks events of the history, which could show more.</param>
public sealed record RecordedHearing(EventId Event, ImmutableArray<EventId> Since, ImmutableArray<AgentId> Unshown, bool Complete)
{
    /// <summary>Finds out by two searches of logarithmic time per agent.</summary>
    /// <param name="causality">Happens-before; holds all events below the cut.</param>
    /// <param name="cut">What counts; closed, and the event is below it.</param>
    /// <param name="id">The recorded event.</param>
    /// <param name="speakers">The agents of its history, each once; its writer is among them or not.</param>
    /// <param name="events">How many events the history has.</param>
    public static RecordedHearing Of(CausalIndex causality, VectorClock cut, EventId id, IEnumerable<AgentId> speakers, long events)
    {
        var (since, unshown, held) = (new List<EventId>(), new List<AgentId>(), cut[id.Chain]);
        foreach (var speaker in speakers)
        {
            if (speaker == id.Agent) continue;
            var chain = new ChainId(speaker, id.Chain.Epoch); // an import writes one chain per agent, all of one epoch
            held += cut[chain];
            if (causality.FirstKnowing(chain, id) is { } first && cut.Covers(first)) since.Add(first);
            else unshown.Add(speaker);
        }

        return new RecordedHearing(id, [.. since.OrderBy(causality.DepthOf).ThenBy(first => first)], [.. unshown.Order()], held >= events);
    }
}
