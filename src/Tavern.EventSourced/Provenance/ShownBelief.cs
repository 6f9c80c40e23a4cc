using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Provenance;

/// <summary>How much a value is worth.</summary>
public enum ClaimStanding
{
    /// <summary>A plain statement: nothing to verify.</summary>
    Said,

    /// <summary>A claim that nobody outside has verified yet.</summary>
    Claimed,

    /// <summary>Every commitment was verified from outside.</summary>
    Complete,
}

/// <summary>A belief as it is shown: never without its evidence.</summary>
/// <param name="Belief">Value, deciding event, rule, contested or not.</param>
/// <param name="DecidedAt">When the deciding event was written, by its writer's clock; null when unknown.</param>
/// <param name="AgeMilliseconds">Age at the time of the answer, at least 0; null when unknown.</param>
/// <param name="Standing">Claimed or complete.</param>
public sealed record ShownBelief(FieldBelief Belief, DateTimeOffset? DecidedAt, long? AgeMilliseconds, ClaimStanding Standing)
{
    /// <summary>Shows a belief at a moment; null for no belief. "Done" is a claim unless the view holds the subject as complete.</summary>
    public static ShownBelief? Of(FieldBelief? belief, DateTimeOffset? decidedAt, bool complete, DateTimeOffset now) => belief is null
        ? null
        : new ShownBelief(
            belief, decidedAt, decidedAt is { } at ? Math.Max(0, (long)(now - at).TotalMilliseconds) : null, StandingOf(belief.Value, complete));

    private static ClaimStanding StandingOf(string value, bool complete) =>
        value is not "done" ? ClaimStanding.Said : complete ? ClaimStanding.Complete : ClaimStanding.Claimed;
}
