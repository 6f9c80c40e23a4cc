using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Verdicts in words.</summary>
internal static class VerdictText
{
    /// <summary>The verdict and its first evidence, in one line.</summary>
    public static string Sentence(Explanation answer, Verdict verdict, AgentNames names) => verdict switch
    {
        Verdict.Agree agree => agree.ObserverEvent == agree.SubjectEvent
            ? $"AGREE: both by {names.Of(agree.SubjectEvent)}, {Phrases.Age(answer.SubjectBelief?.AgeMilliseconds)}."
            : $"AGREE: {names.Of(answer.Observer)} by {names.Of(agree.ObserverEvent)}, {names.Of(answer.Subject)} by {names.Of(agree.SubjectEvent)}.",
        Verdict.NotHeard gap => $"NOT HEARD: {Ends(gap, names)}; the {Claim(answer, gap)} is {names.Of(gap.Deciding)}, " +
            $"{Phrases.Age(AgeOf(answer, gap.Deciding))}.",
        Verdict.Waiting held => $"HELD BACK: {names.Of(held.Deciding)} reached {names.Of(held.Behind)} from {names.Of(held.HeldBack.From)} " +
            $"{Phrases.Ago(held.HeldBack.At, answer.At)} and waits for {names.Of(held.HeldBack.Missing)}.",
        Verdict.Rejected refused => $"REJECTED: {names.Of(refused.Behind)} refused {names.Of(refused.Deciding)} " +
            $"from {names.Of(refused.Rejection.Receipt.Peer)}: " +
            $"{TerminalText.Plain(refused.Rejection.Receipt.Detail ?? "no reason recorded")}",
        Verdict.Overruled { Competing: { } winner, Deciding: { } loser } over => $"OVERRULED: {names.Of(answer.Observer)} has {names.Of(loser)}, " +
            $"but {names.Of(winner)} wins by rule {TerminalText.Plain(over.Rule ?? "", 60)}{Relation(over.Relation)}.",
        Verdict.Overruled { Competing: { } winner } over => $"OVERRULED: {names.Of(answer.Observer)} goes by {names.Of(winner)} " +
            $"under rule {TerminalText.Plain(over.Rule ?? "", 60)}.",
        Verdict.Overruled over => $"OVERRULED: {names.Of(answer.Observer)} has {(over.Deciding is { } ignored ? names.Of(ignored) : "it")}, " +
            "but a rule ignores it there.",
        Verdict.Forked { WaitsForEndorsement: true } late => $"FORKED: {names.Of(late.Deciding)} is of epoch {late.Deciding.Epoch}, after a fork in epoch {late.Fork.Epoch}; " +
            $"it counts for {names.Of(late.KnownTo)} once an ancestor endorses that epoch.",
        Verdict.Forked fork => $"FORKED: {names.Of(fork.KnownTo)} knows that {ForkText.Place(answer.Subject, fork.Fork, names)}: " +
            $"{names.Of(fork.Deciding)} is quarantined.",
        Verdict.NeverSaid { Claimed: { } claimed } never => $"NEVER SAID: {names.Of(answer.Subject)}'s own log does not hold {names.Of(claimed)}; " +
            $"{Last(never, names)}{(never.NewEpoch is { } epoch ? $", in epoch {epoch}" : "")}.",
        Verdict.NeverSaid never => $"NEVER SAID: no event about {names.Of(answer.Subject)}'s {TerminalText.Plain(answer.Field, 60)} " +
            $"decides in either log; {Last(never, names)}.",
        Verdict.StaleView { Newer: { } newer } => $"STALE VIEW: {names.Of(answer.Observer)} now holds {Phrases.Value(newer, names)}, " +
            $"by {names.Of(newer.Belief.DecidedBy)}, {Phrases.Age(newer.AgeMilliseconds)}.",
        Verdict.StaleView => $"STALE VIEW: {names.Of(answer.Observer)} holds nothing any more.",
        Verdict.Unreachable gone => $"UNREACHABLE: no account from {names.Of(gone.Silent)}; {LastKnown(gone, names)}.",
        _ => throw new InvalidOperationException($"Verdict {verdict.Name} has no sentence."),
    };

    /// <summary>More evidence: at most four lines.</summary>
    public static IEnumerable<string> Details(Explanation answer, Verdict verdict, AgentNames names)
    {
        switch (verdict)
        {
            case Verdict.NotHeard gap:
                yield return $"Missing: {names.Of(gap.Missing)}. {names.Of(gap.Holders)} {(gap.Holders.Length > 1 ? "have" : "has")} it.";
                yield return DelayText.Sentence(gap.Behind, gap.Delay, answer.At, names);
                break;
            case Verdict.Waiting held:
                yield return $"{names.Of(held.Holders)} {(held.Holders.Length > 1 ? "have" : "has")} {names.Of(held.HeldBack.Missing)}.";
                break;
            case Verdict.Rejected refused:
                yield return $"Last refused {Phrases.Ago(refused.Rejection.Receipt.At, answer.At)}, {refused.Rejection.Receipt.Count} times in all.";
                break;
            case Verdict.Overruled { UnheardBySubject: { } unheard, Competing: { } winner }:
                yield return $"{names.Start(answer.Subject)} has not heard {names.Of(winner)}: missing {names.Of(unheard)}.";
                break;
            case Verdict.StaleView stale:
                yield return $"Now: {Sentence(answer, stale.Now, names)}";
                break;
            case Verdict.Unreachable gone:
                yield return $"Asked: {names.Of(gone.Asked)}.";
                if (gone.Proven is { } proven)
                {
                    yield return $"The log at hand proves {Phrases.Value(proven, names)}{Phrases.Standing(proven)} by {names.Of(proven.Belief.DecidedBy)}, " +
                        $"{Phrases.Age(proven.AgeMilliseconds)}.";
                }

                if (gone.MissingAtLeast is { } missing) yield return $"{names.Start(answer.Observer)} lacks at least {names.Of(missing)}.";
                break;
        }
    }

    private static string Ends(Verdict.NotHeard gap, AgentNames names)
    {
        var (who, whose) = (names.Start(gap.Behind), names.Start(gap.Missing.Chain.Agent));
        return gap.Missing.First == 1
            ? $"{who} has nothing of {whose}'s log"
            : $"{who}'s copy of {whose}'s log ends at {names.Of(gap.Missing.Chain[gap.Missing.First - 1])}";
    }

    private static string Claim(Explanation answer, Verdict.NotHeard gap) =>
        answer.SubjectBelief is { Standing: ClaimStanding.Claimed } own && own.Belief.DecidedBy == gap.Deciding ? "claim" : "deciding event";

    private static long? AgeOf(Explanation answer, EventId deciding) =>
        answer.SubjectBelief?.Belief.DecidedBy == deciding ? answer.SubjectBelief.AgeMilliseconds
        : answer.ObserverBelief?.Belief.DecidedBy == deciding ? answer.ObserverBelief.AgeMilliseconds : null;

    private static string Relation(CausalOrder? relation) => relation switch
    {
        CausalOrder.Before => "; it came before",
        CausalOrder.After => "; it came after",
        CausalOrder.Concurrent => "; the two are concurrent",
        CausalOrder.Equal => "; both go by the same event",
        null => "",
        _ => throw new InvalidOperationException($"Order {relation} has no words."),
    };

    private static string Last(Verdict.NeverSaid never, AgentNames names) =>
        never.LastDurable is { } last ? $"it ends at {names.Of(last)}" : "it is empty";

    private static string LastKnown(Verdict.Unreachable gone, AgentNames names) => gone.LastKnown is not { } last
        ? "no event is known"
        : $"the last known event is {names.Of(last)}{(gone.SilentForMilliseconds is { } age ? $", {Phrases.Duration(age)} ago" : "")}";
}
