using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>What a fold may ask about causality: the past of the event at hand. It never changes, so no answer depends on what was
/// delivered besides.</summary>
public readonly struct CausalPast
{
    private readonly CausalIndex _causality;

    /// <summary>The past of a held event.</summary>
    public CausalPast(CausalIndex causality, EventId of)
        : this(causality, of, causality.DepthOf(of))
    {
    }

    internal CausalPast(CausalIndex causality, EventId of, long depth) => (_causality, Event, Depth) = (causality, of, depth);

    /// <summary>The event whose past this is.</summary>
    public EventId Event { get; }

    /// <summary>The event's causal depth, at least 1; every event is deeper than all its causes.</summary>
    public long Depth { get; }

    /// <summary>True when the other event happened before this one. An event of the same chain costs no look-up.</summary>
    public bool Includes(EventId other) => other.Chain == Event.Chain
        ? other.Sequence < Event.Sequence
        : other.Sequence <= _causality.KnownAt(Event, other.Chain);

    /// <summary>The event in this past that another one means which names it by agent, epoch and sequence, as payloads do; null when there is none
    /// and, of a chain that has forked, when there are several: then no fold is given any of them.</summary>
    public EventId? Meant(EventId named) => _causality.Meant(Event, named);

    /// <summary>The highest sequence of a chain that the writer knew, this event included; 0 for none.</summary>
    public long KnownOf(ChainId chain) => _causality.KnownAt(Event, chain);
}
