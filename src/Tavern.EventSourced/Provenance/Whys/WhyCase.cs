using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Provenance;

/// <summary>What the asker's own log proves: the lower bound for whoever does not answer.</summary>
/// <param name="Asker">Whose log.</param>
/// <param name="Clock">All it has delivered.</param>
/// <param name="Belief">What its view holds about the subject and field; null for nothing.</param>
/// <param name="DecidedAt">When that was decided; null when unknown or without a belief.</param>
/// <param name="Complete">As in <see cref="BeliefAccount.Complete"/>, for the asker's view.</param>
public sealed record LowerBound(AgentId Asker, VectorClock Clock, FieldBelief? Belief, DateTimeOffset? DecidedAt, bool Complete = false)
{
    /// <summary>When the last known event of each agent was written, where that is known; none by default.</summary>
    public ImmutableDictionary<AgentId, DateTimeOffset> LastWords { get; init; } = ImmutableDictionary<AgentId, DateTimeOffset>.Empty;
}

/// <summary>All that was collected to answer one <c>why</c>.</summary>
public sealed record WhyCase
{
    /// <summary>Whose belief is in question.</summary>
    public required AgentId Observer { get; init; }

    /// <summary>About whom.</summary>
    public required AgentId Subject { get; init; }

    /// <summary>Field name; <c>state</c> by default.</summary>
    public string Field { get; init; } = "state";

    /// <summary>The time of the answer; only ages are computed from it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The observer's account of the subject; null when it did not answer.</summary>
    public BeliefAccount? ObserverAccount { get; init; }

    /// <summary>The subject's account of itself; null when it did not answer.</summary>
    public BeliefAccount? SubjectAccount { get; init; }

    /// <summary>What the asker's own log proves.</summary>
    public required LowerBound LowerBound { get; init; }

    /// <summary>How far the log of every known agent goes, as far as they answered; none by default. Observer and subject
    /// may be missing here: their accounts hold their clocks.</summary>
    public ImmutableArray<ClockReport> Clocks { get; init; } = [];

    /// <summary>How the first event stands to the second; null when nobody at hand holds both. By default nobody does.</summary>
    public Func<EventId, EventId, CausalOrder?> Relation { get; init; } = (_, _) => null;

    /// <summary>The lowest sequence of a chain or branch; see <see cref="CausalIndex.FirstOf"/>. By default 1: no chain has forked.</summary>
    public Func<ChainId, long> FirstOf { get; init; } = _ => 1;

    /// <summary>All clock reports, those of the two accounts and of the asker included.</summary>
    internal IEnumerable<ClockReport> AllClocks
    {
        get
        {
            IEnumerable<ClockReport> own =
            [
                new(LowerBound.Asker, LowerBound.Clock, true),
                new(Observer, ObserverAccount?.Clock ?? VectorClock.Empty, ObserverAccount is not null),
                new(Subject, SubjectAccount?.Clock ?? VectorClock.Empty, SubjectAccount is not null),
            ];
            return own.Concat(Clocks);
        }
    }
}
