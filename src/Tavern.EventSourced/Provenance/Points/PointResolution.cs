using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What a point in history turned out to be.</summary>
public abstract record PointResolution
{
    private PointResolution()
    {
    }

    /// <summary>One event.</summary>
    /// <param name="Id">The event.</param>
    /// <param name="Clock">The same as a cut: all that its writer had delivered when writing it, itself included.</param>
    public sealed record Event(EventId Id, VectorClock Clock) : PointResolution;

    /// <summary>A causally closed cut.</summary>
    /// <param name="Clock">The cut.</param>
    /// <param name="Approximate">True when it comes from a wall-clock time: the agents' clocks differ.</param>
    /// <param name="Widened">True when it had to be widened to be closed.</param>
    public sealed record Cut(VectorClock Clock, bool Approximate, bool Widened) : PointResolution;

    /// <summary>One agent as another sees it.</summary>
    /// <param name="Observer">Whose view.</param>
    /// <param name="Subject">Of whom.</param>
    /// <param name="Clock">The observer's cut; without a sequence, what its last event here proves.</param>
    /// <param name="Now">True when no sequence was named: a door should ask the observer for its present view.</param>
    public sealed record Seen(AgentId Observer, AgentId Subject, VectorClock Clock, bool Now) : PointResolution;

    /// <summary>The events in one cut that are not in another.</summary>
    public sealed record Range(VectorClock From, VectorClock To, ImmutableArray<EventRange> Events) : PointResolution;

    /// <summary>What two cuts do not share.</summary>
    public sealed record Apart(VectorClock Left, VectorClock Right, ImmutableArray<EventRange> OnlyLeft, ImmutableArray<EventRange> OnlyRight) : PointResolution;

    /// <summary>The cut is open: it names less of a chain than its other events depend on.</summary>
    /// <param name="Missing">What it lacks, by chain.</param>
    /// <param name="Closed">The smallest closed cut that covers it: what <c>--close</c> takes.</param>
    public sealed record Open(ImmutableArray<EventRange> Missing, VectorClock Closed) : PointResolution;

    /// <summary>No such agent or event is known here.</summary>
    /// <param name="Reason">One sentence that names what was not found.</param>
    public sealed record NotFound(string Reason) : PointResolution;
}
