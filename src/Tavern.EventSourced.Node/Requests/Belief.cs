using Tavern.EventSourced.Causality;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A value together with its evidence.</summary>
/// <param name="Field">E.g. <c>state</c>.</param>
/// <param name="Value">The value as shown.</param>
/// <param name="Evidence">Why it is shown.</param>
public sealed record Belief(string Field, string Value, Evidence Evidence);

/// <summary>What stands behind a shown value.</summary>
/// <param name="AsOf">The event that decided it.</param>
/// <param name="At">When its writer wrote it, by the writer's clock; null when no time was recorded.</param>
/// <param name="AgeSeconds">Since then, by this node's clock, at least 0; null when no time was recorded.</param>
/// <param name="HeardBy">How many agents have it.</param>
/// <param name="Standing"><c>said</c>; for work <c>claimed</c> or <c>complete</c>.</param>
/// <param name="Contested">True when a rule had to decide between concurrent claims.</param>
/// <param name="Rule">Id of the rule that let it win.</param>
/// <param name="Candidates">All maximal candidates, the winner first.</param>
/// <param name="Delivery">How it reached the observer; null in lists, and when the answer is about somebody else's log.</param>
public sealed record Evidence(
    EventRef AsOf,
    DateTimeOffset? At,
    double? AgeSeconds,
    HeardBy HeardBy,
    string Standing,
    bool Contested,
    string Rule,
    IReadOnlyList<EventRef> Candidates,
    Delivery? Delivery);

/// <summary>How many agents have an event.</summary>
/// <param name="AtLeast">Proven by logs at hand: the holders on this node, and those whose own later events depend on it.</param>
/// <param name="Of">How many agents the observer knows that are not retired.</param>
/// <param name="Exact">True when nobody else can have it or everybody was asked.</param>
public sealed record HeardBy(int AtLeast, int Of, bool Exact);

/// <summary>How an event reached an agent.</summary>
/// <param name="Position">Its place in the agent's log, from 1.</param>
/// <param name="Mode"><c>own</c>, <c>network</c>, <c>local</c>, <c>imported</c> or <c>repaired</c>.</param>
/// <param name="From">Who brought it; null for the agent's own events.</param>
/// <param name="At">When it arrived, by the hearer's clock; null for its own events.</param>
/// <param name="Hop">Exchanges between the writer and this agent; 0 for its own events.</param>
public sealed record Delivery(long Position, string Mode, AgentRef? From, DateTimeOffset? At, int Hop)
{
    /// <summary>How far the event's own time lies ahead of its arrival, when that is more than a minute: then its writer's clock, or the
    /// hearer's, is suspect. Else null. No rule reads either time.</summary>
    public double? AheadSeconds { get; init; }

    /// <summary>The same, held against the time that the event's writer gave it.</summary>
    internal Delivery Of(DateTimeOffset? written) =>
        written - At is { } ahead && ahead > HybridLogicalClock.AheadMax ? this with { AheadSeconds = ahead.TotalSeconds } : this;
}
