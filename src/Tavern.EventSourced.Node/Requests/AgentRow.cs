namespace Tavern.EventSourced.Node.Requests;

/// <summary>One agent as an observer sees it.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Parent">Who vouched for it; null for the root.</param>
/// <param name="Role">What it is for, if it was said.</param>
/// <param name="Retired">True when it was retired.</param>
/// <param name="Hosted">True when this node keeps its log.</param>
/// <param name="State">What it says it does; null when it never said.</param>
/// <param name="Task">The task it works on; null for none.</param>
/// <param name="Commitments">Its promises, counted.</param>
/// <param name="Head">Its newest event that the observer has; null for none.</param>
/// <param name="HeadAt">When that was written; null when no time was recorded.</param>
/// <param name="HeadAgeSeconds">Since then.</param>
/// <param name="HeardBy">How many agents have that event.</param>
/// <param name="Link">The observer's link to it; null for itself and when the observer is hosted elsewhere.</param>
/// <param name="Retirement">Why it counts as retired; null while it does not.</param>
/// <param name="Record">The recorded history it stands for or speaks in; null for agents of this tavern.</param>
/// <param name="ForkedAt">The first place in which it wrote two records; null when it did not. <see cref="GetForks"/> tells more.</param>
public sealed record AgentRow(
    AgentRef Agent,
    AgentRef? Parent,
    string? Role,
    bool Retired,
    bool Hosted,
    Belief? State,
    Belief? Task,
    CommitmentCounts Commitments,
    EventRef? Head,
    DateTimeOffset? HeadAt,
    double? HeadAgeSeconds,
    HeardBy? HeardBy,
    Link? Link,
    Belief? Retirement,
    RecordRef? Record,
    EventRef? ForkedAt);

/// <summary>An agent's promises, counted by how they stand.</summary>
/// <param name="Made">All that are not withdrawn.</param>
/// <param name="Claimed">Of these, claimed and not yet judged.</param>
/// <param name="Complete">Of these, verified.</param>
/// <param name="Failed">Of these, claimed and judged not to hold.</param>
/// <param name="Disputed">Of these, disputed, and no ruling answers that yet.</param>
public sealed record CommitmentCounts(int Made, int Claimed, int Complete, int Failed, int Disputed);

/// <summary>What an agent's gossip knows of one peer.</summary>
/// <param name="Paused">Exchanges with it are paused here.</param>
/// <param name="LastSuccess">End of the last exchange that worked since the node started.</param>
/// <param name="LastFailure">The last one that did not.</param>
/// <param name="FailuresInARow">Since the last success.</param>
/// <param name="Failure">Why the last one failed.</param>
/// <param name="Agreed">Both had the same events at the end of the last exchange.</param>
/// <param name="Liveness"><c>alive</c>; <c>suspected</c>: it does not answer, and may still refute that; <c>dead</c>: it did not.</param>
/// <param name="LivenessAt">Since when; null while nobody ever doubted it.</param>
/// <param name="LivenessAgeSeconds">Since then.</param>
/// <param name="LivenessBy">Who found it so first.</param>
public sealed record Link(
    bool Paused,
    DateTimeOffset? LastSuccess,
    DateTimeOffset? LastFailure,
    int FailuresInARow,
    string? Failure,
    bool Agreed,
    string Liveness,
    DateTimeOffset? LivenessAt,
    double? LivenessAgeSeconds,
    AgentRef? LivenessBy);
