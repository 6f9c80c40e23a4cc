using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>How many agents have an event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Holders">Who has it for certain: by its own answer, or proven by its own events; sorted.</param>
/// <param name="Without">Who answered and does not have it; sorted.</param>
/// <param name="Unanswered">Who did not answer, whether or not it is proven to have it; sorted.</param>
public sealed record Heard(
    EventId Event, ImmutableArray<AgentId> Holders, ImmutableArray<AgentId> Without, ImmutableArray<AgentId> Unanswered)
{
    /// <summary>Number of agents that were asked.</summary>
    public int Total => Without.Length + Holders.Union(Unanswered).Count();

    /// <summary>True when the count is exact: everybody answered, or is proven to have the event.</summary>
    public bool Exact => Holders.Length + Without.Length == Total;

    /// <summary>Counts who has an event: the whole of <c>who-knows</c>.</summary>
    /// <param name="id">The event.</param>
    /// <param name="reports">One per agent; of several for one agent, all count.</param>
    public static Heard Of(EventId id, IEnumerable<ClockReport> reports)
    {
        var agents = reports.GroupBy(report => report.Agent).OrderBy(group => group.Key).ToList();
        return new Heard(
            id,
            [.. agents.Where(group => group.Any(report => report.Clock.Covers(id))).Select(group => group.Key)],
            [.. agents.Where(group => !group.Any(report => report.Clock.Covers(id)) && group.Any(report => report.Answered)).Select(group => group.Key)],
            [.. agents.Where(group => !group.Any(report => report.Answered)).Select(group => group.Key)]);
    }
}
