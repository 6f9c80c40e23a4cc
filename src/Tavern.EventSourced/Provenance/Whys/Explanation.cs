using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>The answer to <c>why OBSERVER SUBJECT</c>.</summary>
/// <param name="Observer">Whose belief was in question.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Field name.</param>
/// <param name="At">The time of the answer.</param>
/// <param name="ObserverBelief">What the observer holds, at the cut that was asked for; null when it holds nothing or did not answer.</param>
/// <param name="SubjectBelief">What the subject holds about itself; null in the same cases.</param>
/// <param name="Verdict">Why they differ, or that they agree.</param>
/// <param name="Heard">Who has the event that decides for the subject (for the lower bound, when the subject did not answer; for the
/// observer, when there is none either); null when nothing decided anything.</param>
public sealed record Explanation(
    AgentId Observer,
    AgentId Subject,
    string Field,
    DateTimeOffset At,
    ShownBelief? ObserverBelief,
    ShownBelief? SubjectBelief,
    Verdict Verdict,
    Heard? Heard)
{
    /// <summary>The subject's chains that have forked, by epoch, as far as the two accounts show; none by default.</summary>
    public ImmutableArray<ForkAccount> Forks { get; init; } = [];

    /// <summary>True when both accounts were read and hold the same value, or both none.</summary>
    public bool Agrees => Verdict is Verdict.Agree or Verdict.NeverSaid { Claimed: null };
}
