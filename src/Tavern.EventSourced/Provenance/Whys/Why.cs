using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Explains why an observer believes something else about a subject than the subject itself. Compares values first:
/// the same value from different events is agreement. Then it asks who lacks whose deciding event. Since views are functions
/// of cuts, every difference comes from a difference between the two logs; when the observer has the subject's deciding
/// event, something else in its log made a rule decide otherwise.</summary>
public static class Why
{
    /// <summary>Explains one case.</summary>
    public static Explanation Explain(WhyCase question)
    {
        var (observer, subject) = (question.ObserverAccount, question.SubjectAccount);
        var shown = observer?.Past is { } past
            ? ShownBelief.Of(past.Belief, past.DecidedAt, past.Complete, question.Now)
            : Shown(observer, question.Now);
        var deciding = subject?.Belief?.DecidedBy ?? (subject is null ? question.LowerBound.Belief?.DecidedBy : null) ?? shown?.Belief.DecidedBy;
        return new Explanation(
            question.Observer,
            question.Subject,
            question.Field,
            question.Now,
            shown,
            Shown(subject, question.Now),
            observer is null || subject is null ? Unreachable(question) : JudgeAsOf(question, observer, subject),
            deciding is { } id ? Heard.Of(id, question.AllClocks) : null)
        {
            Forks = ForksIn(observer, subject),
        };
    }

    /// <summary>Of each epoch the account that has the most of it.</summary>
    private static ImmutableArray<ForkAccount> ForksIn(params ReadOnlySpan<BeliefAccount?> accounts)
    {
        var forks = new SortedDictionary<int, ForkAccount>();
        foreach (var account in accounts)
            foreach (var fork in account?.Forks ?? [])
                if (!forks.TryGetValue(fork.Epoch, out var other) || fork.Quarantined > other.Quarantined) forks[fork.Epoch] = fork;
        return [.. forks.Values];
    }

    private static ShownBelief? Shown(BeliefAccount? account, DateTimeOffset now) =>
        account is null ? null : ShownBelief.Of(account.Belief, account.DecidedAt, account.Complete, now);

    private static Verdict JudgeAsOf(WhyCase question, BeliefAccount observer, BeliefAccount subject)
    {
        var now = Judge(question, observer, subject);
        if (observer.Past is not { } past || past.Belief?.Value == observer.Belief?.Value) return now;
        return new Verdict.StaleView(past.Cut, Shown(observer, question.Now), now);
    }

    private static Verdict Judge(WhyCase question, BeliefAccount observer, BeliefAccount subject)
    {
        var (theirs, own) = (observer.Belief, subject.Belief);
        if (theirs is null && own is null) return NeverSaid(question, subject, null);
        if (theirs is not null && own is not null && theirs.Value == own.Value) return new Verdict.Agree(theirs.DecidedBy, own.DecidedBy);
        if (own is not null && !observer.Clock.Covers(own.DecidedBy)) return Absent(question, question.Observer, observer, own.DecidedBy);
        if (own is not null && Forked(question, question.Observer, observer, own.DecidedBy) is { } there) return there;
        if (theirs is not null && Forked(question, question.Subject, subject, theirs.DecidedBy) is { } here) return here;
        if (theirs is not null && !subject.Clock.Covers(theirs.DecidedBy))
        {
            if (theirs.DecidedBy.Agent == question.Subject) return NeverSaid(question, subject, theirs.DecidedBy);
            if (own is null) return Absent(question, question.Subject, subject, theirs.DecidedBy);
        }

        return Overruled(question, subject, own?.DecidedBy, theirs?.DecidedBy, theirs?.Rule);
    }

    private static Verdict Absent(WhyCase question, AgentId behind, BeliefAccount account, EventId deciding)
    {
        foreach (var held in account.HeldBack)
            if (held.Events.Contains(deciding)) return new Verdict.Waiting(behind, deciding, held, HoldersOf(question, held.Missing, behind));
        foreach (var rejection in account.Rejections)
            if (rejection.Events.Contains(deciding)) return new Verdict.Rejected(behind, deciding, rejection);

        var missing = EventRange.Missing(account.Clock, deciding, question.FirstOf);
        var holders = HoldersOf(question, deciding, behind);
        return new Verdict.NotHeard(behind, deciding, missing, holders, Delay.Of(account, missing, holders));
    }

    /// <summary>The fork that keeps an event of the subject out of a view whose log has it; null when none does.</summary>
    private static Verdict.Forked? Forked(WhyCase question, AgentId knownTo, BeliefAccount account, EventId deciding)
    {
        if (deciding.Agent != question.Subject || !account.Clock.Covers(deciding)) return null;
        foreach (var fork in account.Forks)
            if (fork.Epoch == deciding.Epoch ? deciding.Sequence > fork.LastShared : fork.Epoch < deciding.Epoch && account.WaitingEpochs.Contains(deciding.Epoch))
                return new Verdict.Forked(knownTo, deciding, fork);
        return null;
    }

    private static Verdict.Overruled Overruled(WhyCase question, BeliefAccount subject, EventId? deciding, EventId? competing, string? rule) => new(
        deciding,
        rule,
        competing,
        competing is { } winner && deciding is { } loser ? question.Relation(winner, loser) : null,
        competing is { } unheard && !subject.Clock.Covers(unheard) ? EventRange.Missing(subject.Clock, unheard, question.FirstOf) : null);

    private static Verdict.NeverSaid NeverSaid(WhyCase question, BeliefAccount subject, EventId? claimed)
    {
        var last = LastEventOf(question.Subject, [subject.Clock]);
        return new Verdict.NeverSaid(claimed, last, last?.Epoch != claimed?.Epoch && claimed is not null ? last?.Epoch : null);
    }

    private static Verdict.Unreachable Unreachable(WhyCase question)
    {
        ImmutableArray<AgentId> silent = (question.ObserverAccount, question.SubjectAccount) switch
        {
            (null, null) when question.Observer != question.Subject => [question.Observer, question.Subject],
            (null, _) => [question.Observer],
            _ => [question.Subject],
        };
        // Of the subject, if it is silent: everything hangs on its account.
        var about = question.SubjectAccount is null ? question.Subject : question.Observer;
        var bound = question.LowerBound;
        var last = LastEventOf(about, question.AllClocks.Select(report => report.Clock));
        long? silentFor = last is { } id && bound.Clock.Covers(id) && bound.LastWords.TryGetValue(about, out var at)
            ? Math.Max(0, (long)(question.Now - at).TotalMilliseconds)
            : null;
        return new Verdict.Unreachable(
            silent,
            last,
            silentFor,
            [.. question.AllClocks.Select(report => report.Agent).Distinct().Order()],
            ShownBelief.Of(bound.Belief, bound.DecidedAt, bound.Complete, question.Now),
            question.ObserverAccount is { } observer && bound.Belief is { DecidedBy: var proven } && !observer.Clock.Covers(proven)
                ? EventRange.Missing(observer.Clock, proven, question.FirstOf)
                : null);
    }

    private static ImmutableArray<AgentId> HoldersOf(WhyCase question, EventId id, AgentId behind) =>
        Heard.Of(id, question.AllClocks).Holders.Remove(behind); // it may have heard since it gave its account

    private static EventId? LastEventOf(AgentId agent, IEnumerable<VectorClock> clocks)
    {
        EventId? last = null;
        foreach (var (chain, sequence) in clocks.SelectMany(clock => clock.Entries))
            if (chain.Agent == agent && (last is not { } known || chain[sequence].CompareTo(known) > 0)) last = chain[sequence];
        return last;
    }
}
