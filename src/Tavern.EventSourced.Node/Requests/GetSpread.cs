using MediatR;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Who told whom about an event (`told`). Asks the others for their receipts.</summary>
/// <param name="Event">Which.</param>
/// <param name="Observer">Who asks; by default the node's first agent.</param>
/// <param name="DeadlineSeconds">How long the others may take, up to 30.</param>
public sealed record GetSpread(string Event, string? Observer = null, double DeadlineSeconds = 2) : IRequest<SpreadAnswer>;

/// <summary>The tree on which an event spread.</summary>
/// <param name="Event">Which.</param>
/// <param name="Type">Its type.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="HeardBy">How many have it.</param>
/// <param name="Hearers">Who, parents before children; the writer first.</param>
/// <param name="NotHeard">Who answered and does not have it.</param>
/// <param name="Asked">Who was asked, and whether they answered.</param>
public sealed record SpreadAnswer(
    EventRef Event,
    string Type,
    DateTimeOffset? WrittenAt,
    HeardBy HeardBy,
    IReadOnlyList<Hearer> Hearers,
    IReadOnlyList<AgentRef> NotHeard,
    IReadOnlyList<Asked> Asked) : Answer;

/// <summary>One agent that has the event.</summary>
/// <param name="Agent">Who.</param>
/// <param name="From">Who told it; null for the writer.</param>
/// <param name="At">When, by the hearer's clock; null for the writer.</param>
/// <param name="Hop">Exchanges between the writer and this agent.</param>
/// <param name="Mode">As in <see cref="Delivery"/>.</param>
/// <param name="HopSeconds">Since the one who told it had it; null when either time is not known.</param>
/// <param name="TotalSeconds">Since it was written; null when either time is not known.</param>
public sealed record Hearer(AgentRef Agent, AgentRef? From, DateTimeOffset? At, int Hop, string Mode, double? HopSeconds, double? TotalSeconds);
