using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>why</c> answer as all doors return it. Keys are stable within a schema version; readers ignore keys they do not know.</summary>
/// <param name="Schema">Version of the shape: 1.</param>
/// <param name="Observer">Whose belief.</param>
/// <param name="Subject">About whom.</param>
/// <param name="Field">Field name.</param>
/// <param name="At">The time of the answer.</param>
/// <param name="Agrees">True when both accounts were read and hold the same value, or both none.</param>
/// <param name="ObserverBelief">What the observer holds; absent for nothing or no answer.</param>
/// <param name="SubjectBelief">What the subject holds about itself; absent likewise.</param>
/// <param name="Verdict">The verdict and its evidence.</param>
/// <param name="Heard">Who has the deciding event; absent when there is none.</param>
/// <param name="Names">The name of every agent that occurs, by id.</param>
/// <param name="Summary">The two lines that answer the question.</param>
/// <param name="Commands">The commands that would help.</param>
public sealed record WhyDocument(
    int Schema,
    AgentId Observer,
    AgentId Subject,
    string Field,
    DateTimeOffset At,
    bool Agrees,
    ShownBelief? ObserverBelief,
    ShownBelief? SubjectBelief,
    Verdict Verdict,
    HeardDocument? Heard,
    ImmutableSortedDictionary<string, string> Names,
    ImmutableArray<string> Summary,
    ImmutableArray<string> Commands)
{
    /// <summary>The document of an answer.</summary>
    public static WhyDocument Of(WhyAnswer answer, AgentNames names) => new(
        1,
        answer.Observer,
        answer.Subject,
        answer.Field,
        answer.At,
        answer.Agrees,
        answer.ObserverBelief,
        answer.SubjectBelief,
        answer.Verdict,
        answer.Heard is { } heard ? HeardDocument.Of(heard, names) : null,
        names.ById([answer.Observer, answer.Subject, .. AgentsIn(answer)]),
        [.. WhyText.Lines(answer, names).Take(2)],
        [.. WhyCommands.Of(answer, names)]);

    private static ImmutableArray<AgentId> AgentsIn(WhyAnswer answer) => answer.Verdict switch
    {
        Verdict.NotHeard gap => [.. gap.Holders, gap.Deciding.Agent],
        Verdict.Waiting held => [.. held.Holders, held.HeldBack.From, held.HeldBack.Missing.Agent],
        Verdict.Rejected refused => [refused.Rejection.Receipt.Peer],
        Verdict.Overruled { Competing: { } winner } => [winner.Agent],
        Verdict.Unreachable gone => gone.Asked,
        _ => [],
    };
}
