using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Who believes something else than the agent it is about, worst first, and whose account is missing.</summary>
/// <param name="Field">Field name.</param>
/// <param name="At">The time of the answer.</param>
/// <param name="Agents">Number of agents that were asked.</param>
/// <param name="Silent">Who did not answer; sorted. While there are any, nobody can say that everyone agrees.</param>
/// <param name="Differences">One answer per pair that differs, worst first: what a log lost, was refused, forked or overruled, before what
/// waits, before what is only late; then the longest-standing first.</param>
public sealed record Disagreements(
    string Field, DateTimeOffset At, int Agents, ImmutableArray<AgentId> Silent, ImmutableArray<Explanation> Differences)
{
    /// <summary>True when everybody answered and nobody differs.</summary>
    public bool EveryoneAgrees => Silent.IsEmpty && Differences.IsEmpty;

    /// <summary>Compares all pairs.</summary>
    /// <param name="field">Field name.</param>
    /// <param name="now">The time of the answer.</param>
    /// <param name="accounts">What each observer says about each subject, itself included; a missing pair counts as not answered.</param>
    /// <param name="agents">All agents that were asked.</param>
    /// <param name="relation">See <see cref="WhyCase.Relation"/>.</param>
    /// <param name="lastWords">See <see cref="LowerBound.LastWords"/>; none by default.</param>
    /// <param name="firstOf">See <see cref="WhyCase.FirstOf"/>.</param>
    public static Disagreements Of(
        string field,
        DateTimeOffset now,
        IReadOnlyDictionary<(AgentId Observer, AgentId Subject), BeliefAccount> accounts,
        IReadOnlyCollection<AgentId> agents,
        Func<EventId, EventId, CausalOrder?> relation,
        ImmutableDictionary<AgentId, DateTimeOffset>? lastWords = null,
        Func<ChainId, long>? firstOf = null)
    {
        var sorted = agents.Distinct().Order().ToList();
        var byObserver = accounts.ToLookup(pair => pair.Key.Observer, pair => pair.Value.Clock);
        ImmutableArray<AgentId> silent = [.. sorted.Where(agent => !byObserver.Contains(agent))];
        ImmutableArray<ClockReport> clocks =
        [
            .. sorted.Select(agent => new ClockReport(
                agent, byObserver[agent].Aggregate(VectorClock.Empty, (known, clock) => known.Merge(clock)), byObserver.Contains(agent))),
        ];

        var differences = new List<Explanation>();
        foreach (var subject in sorted)
        {
            var own = accounts.GetValueOrDefault((subject, subject));
            var best = BestInformed(subject, sorted, accounts, lastWords);
            foreach (var observer in sorted)
            {
                if (observer == subject || best is null || !accounts.TryGetValue((observer, subject), out var account)) continue;

                // Of a silent subject only what differs from the best-informed account is a difference; the silence is told once.
                var (value, reference) = (account.Belief?.Value, own is null ? best.Belief?.Value : own.Belief?.Value);
                if (value == reference) continue;
                differences.Add(Why.Explain(new WhyCase
                {
                    Observer = observer,
                    Subject = subject,
                    Field = field,
                    Now = now,
                    ObserverAccount = account,
                    SubjectAccount = own,
                    LowerBound = best,
                    Clocks = clocks,
                    Relation = relation,
                    FirstOf = firstOf ?? (_ => 1),
                }));
            }
        }

        return new Disagreements(
            field,
            now,
            sorted.Count,
            silent,
            [.. differences.OrderBy(Severity).ThenByDescending(AgeOf).ThenBy(answer => answer.Subject).ThenBy(answer => answer.Observer)]);
    }

    private static int Severity(Explanation answer) => answer.Verdict switch
    {
        Verdict.NeverSaid => 0,
        Verdict.Rejected or Verdict.Forked => 1,
        Verdict.Overruled => 2,
        Verdict.Waiting => 3,
        Verdict.Unreachable => 4,
        _ => 5,
    };

    private static long AgeOf(Explanation answer) => answer.SubjectBelief?.AgeMilliseconds
        ?? (answer.Verdict as Verdict.Unreachable)?.Proven?.AgeMilliseconds
        ?? answer.ObserverBelief?.AgeMilliseconds
        ?? 0;

    /// <summary>The account with the most of the subject's own events stands in for the asker's log.</summary>
    private static LowerBound? BestInformed(
        AgentId subject,
        List<AgentId> agents,
        IReadOnlyDictionary<(AgentId Observer, AgentId Subject), BeliefAccount> accounts,
        ImmutableDictionary<AgentId, DateTimeOffset>? lastWords)
    {
        (AgentId Agent, BeliefAccount Account)? best = null;
        foreach (var agent in agents)
        {
            if (!accounts.TryGetValue((agent, subject), out var account)) continue;
            if (best is not { } known || HeadOf(account.Clock, subject).CompareTo(HeadOf(known.Account.Clock, subject)) > 0) best = (agent, account);
        }

        return best is not { } found ? null : new LowerBound(found.Agent, found.Account.Clock, found.Account.Belief, found.Account.DecidedAt, found.Account.Complete)
        {
            LastWords = lastWords ?? ImmutableDictionary<AgentId, DateTimeOffset>.Empty,
        };
    }

    private static (int Epoch, long Sequence) HeadOf(VectorClock clock, AgentId agent) =>
        clock.Entries.Where(entry => entry.Chain.Agent == agent).Select(entry => (entry.Chain.Epoch, entry.Sequence)).DefaultIfEmpty().Max();
}
