using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>What is known of an agent's part in the spread of an event.</summary>
public enum SpreadState
{
    /// <summary>It says it has the event and from whom.</summary>
    Delivered,

    /// <summary>It wrote the event.</summary>
    Wrote,

    /// <summary>It has the event from a recorded history: where that got it from is not ours to say.</summary>
    Imported,

    /// <summary>It says that it does not have the event.</summary>
    Absent,

    /// <summary>It has the event waiting for another one.</summary>
    Waiting,

    /// <summary>It received the event and refused it.</summary>
    Refused,

    /// <summary>It did not answer. Others may name it as their source; how it got the event itself is not known.</summary>
    Silent,

    /// <summary>Others name it as their source, and nobody asked it.</summary>
    Unasked,
}

/// <summary>What does not fit in the accounts that make up a spread.</summary>
public enum SpreadFlaw
{
    /// <summary>It names a source that says it does not have the event; that is not shown as an edge.</summary>
    SourceDenies,

    /// <summary>Sources that name each other in a circle, which is cut open here; that is not shown as an edge.</summary>
    Circle,

    /// <summary>Its hop is not one more than that of its source.</summary>
    HopMismatch,

    /// <summary>Its log has its own event from somebody else: it lost its disk and recovered. That source is not shown.</summary>
    Recovered,

    /// <summary>It wrote the event, as the signature proves, and says it does not have it: its disk was lost.</summary>
    Lost,

    /// <summary>It says it wrote an event that is not its own.</summary>
    NotTheWriter,

    /// <summary>The receipt that would name its source is gone.</summary>
    NoReceipt,
}

/// <summary>One agent in the spread of an event.</summary>
/// <param name="Agent">Who.</param>
/// <param name="State">What is known of its part.</param>
/// <param name="From">Who told it, by its own receipt, also where a flaw makes that doubtful; null for the writer, for imports, and where it is not
/// known.</param>
/// <param name="Mode">How the event travelled; null when not delivered.</param>
/// <param name="Hop">Exchanges between the writer and it, by its own run; null when not delivered.</param>
/// <param name="Exchange">The exchange that brought it; null for the writer and when not delivered.</param>
/// <param name="At">When it received the event (the writer: wrote it), by its own clock; null when unknown.</param>
/// <param name="LatencyMilliseconds">Time since its source had it: approximate, since the two clocks differ, and negative when they
/// differ by more than the latency; null when either time is unknown.</param>
/// <param name="Depth">Edges from the root of its part of the tree; 0 for roots and for those without the event.</param>
/// <param name="Flaw">What does not fit; null for nothing.</param>
public sealed record SpreadNode(
    AgentId Agent,
    SpreadState State,
    AgentId? From,
    DeliveryMode? Mode,
    int? Hop,
    ulong? Exchange,
    DateTimeOffset? At,
    long? LatencyMilliseconds,
    int Depth,
    SpreadFlaw? Flaw);
