using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Turns what was found out about a difference into an answer.</summary>
internal static class WhyWords
{
    /// <summary>The answer.</summary>
    public static WhyAnswer Of(Witness witness, Explanation why, IReadOnlyList<Asked> asked)
    {
        var names = witness.Sentences;
        return new WhyAnswer(
            why.Verdict.Name,
            (why.Verdict as Verdict.NotHeard)?.Delay is { } delay ? ReasonOf(delay) : null,
            witness.Of(why.Observer),
            witness.Of(why.Subject),
            why.Field,
            HeardAs(witness.Of(why.ObserverBelief), why.Heard),
            HeardAs(witness.Of(why.SubjectBelief), why.Heard),
            ExplanationText.Accounts(why, names),
            ExplanationText.Cause(why, names),
            MissingOf(why.Verdict) is { } missing ? witness.Of(missing) : null,
            witness.Of(why.Heard?.Holders ?? []),
            ExplanationText.Evidence(why, names),
            asked,
            [.. WhyCommands.Of(why, names)]);
    }

    /// <summary>What the asker's own log proves about a subject.</summary>
    public static LowerBound LowerBoundOf(Witness witness, AgentId subject, string field)
    {
        var belief = witness.View.Believe(subject, field);
        var decidedAt = belief is null ? null : witness.WrittenAt(belief.DecidedBy);
        return new LowerBound(witness.Observer, witness.Clock, belief, decidedAt) { LastWords = LastWordsOf(witness) };
    }

    /// <summary>When the last known event of each agent was written.</summary>
    public static ImmutableDictionary<AgentId, DateTimeOffset> LastWordsOf(Witness witness)
    {
        var words = ImmutableDictionary.CreateBuilder<AgentId, DateTimeOffset>();
        foreach (var agent in witness.View.Agents.Keys)
            if (witness.HeadOf(agent) is { } head && witness.WrittenAt(head) is { } at) words.Add(agent, at);
        return words.ToImmutable();
    }

    /// <summary>How two events stand to each other; null when the node does not hold both.</summary>
    public static CausalOrder? RelationOf(this Witness witness, EventId a, EventId b) =>
        witness.History.Contains(a) && witness.History.Contains(b) ? witness.History.Causality.Compare(a, b) : null;

    /// <summary>The count that asking gave is better than what the log at hand proves.</summary>
    private static Belief? HeardAs(Belief? belief, Heard? heard) => belief is null || heard is null || heard.Event.ToString() != belief.Evidence.AsOf.Id
        ? belief
        : belief with { Evidence = belief.Evidence with { HeardBy = new HeardBy(heard.Holders.Length, heard.Total, heard.Exact) } };

    private static EventRange? MissingOf(Verdict verdict) => verdict switch
    {
        Verdict.NotHeard gap => gap.Missing,
        Verdict.Waiting held => held.HeldBack.Events,
        Verdict.Rejected refused => refused.Rejection.Events,
        Verdict.Overruled over => over.UnheardBySubject,
        Verdict.Unreachable gone => gone.MissingAtLeast,
        Verdict.StaleView stale => MissingOf(stale.Now),
        _ => null,
    };

    private static string ReasonOf(Delay delay) => delay switch
    {
        Delay.InFlight => "in-flight",
        Delay.Due => "due",
        Delay.PausedHere => "paused",
        Delay.PeersPaused => "peers-paused",
        Delay.BackPressure => "back-pressure",
        Delay.PeerDown => "peer-down",
        Delay.NoPath => "no-path",
        Delay.NeverMet => "never-met",
        _ => throw new InvalidOperationException($"Delay {delay.GetType().Name} has no word."),
    };
}
