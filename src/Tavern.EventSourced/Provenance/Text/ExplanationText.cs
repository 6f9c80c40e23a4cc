using System.Collections.Immutable;

namespace Tavern.EventSourced.Provenance;

/// <summary>The answer to <c>why</c> in sentences: one for what the two say, one for why they differ, and one for each piece of evidence.
/// Nothing in them steers a terminal.</summary>
public static class ExplanationText
{
    /// <summary>What the two say, in one line: <c>Jake thinks Gandalf is IDLE. Gandalf says DONE (claimed, not yet verified).</c></summary>
    public static string Accounts(Explanation answer, AgentNames names)
    {
        var silent = (answer.Verdict as Verdict.Unreachable)?.Silent ?? [];
        var (observer, subject) = (names.Start(answer.Observer), names.Start(answer.Subject));
        var what = answer.Field == "state" ? subject : $"{subject}'s {TerminalText.Plain(answer.Field, 60)}";
        if (answer.Verdict is Verdict.Agree && answer.ObserverBelief is { } shared)
            return $"{observer} and {subject} agree: {what} is {Phrases.Value(shared, names)}{Phrases.Standing(shared)}.";
        var old = answer.Verdict is Verdict.StaleView;
        var first = silent.Contains(answer.Observer) ? $"{observer} does not answer."
            : answer.ObserverBelief is { } theirs ? $"{observer} {(old ? "thought, at the cut you named," : "thinks")} {what} is {Phrases.Value(theirs, names)}."
            : $"{observer} {(old ? "held" : "holds")} nothing about {subject}'s {TerminalText.Plain(answer.Field, 60)}{(old ? " at the cut you named" : "")}.";
        var second = silent.Contains(answer.Subject) ? $"{subject} does not answer."
            : answer.SubjectBelief is { } own ? $"{subject} says {Phrases.Value(own, names)}{Phrases.Standing(own)}."
            : $"{subject} says nothing.";
        return answer.Observer == answer.Subject ? second : $"{first} {second}";
    }

    /// <summary>Why they differ, or that they do not; begins with the name of the verdict.</summary>
    public static string Cause(Explanation answer, AgentNames names) => VerdictText.Sentence(answer, answer.Verdict, names);

    /// <summary>Both: what a list of disagreements shows.</summary>
    public static string Sentence(Explanation answer, AgentNames names) => $"{Accounts(answer, names)} {Cause(answer, names)}";

    /// <summary>What the answer rests on: first what is in the way, then how the subject's chains have forked, then by which events the two believe what they do, then who heard.</summary>
    public static ImmutableArray<string> Evidence(Explanation answer, AgentNames names)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.AddRange(VerdictText.Details(answer, answer.Verdict, names));
        foreach (var fork in answer.Forks) lines.Add(ForkText.Sentence(answer.Subject, fork, names));
        if (answer.ObserverBelief is { } theirs) lines.Add(BeliefOf(names.Start(answer.Observer), theirs, names));
        if (answer.SubjectBelief is { } own) lines.Add(BeliefOf(names.Start(answer.Subject), own, names));
        if (answer.Heard is { } heard) lines.Add($"{names.Of(heard.Event)} is heard by {Phrases.Count(heard, names)}.");
        return lines.ToImmutable();
    }

    private static string BeliefOf(string who, ShownBelief shown, AgentNames names)
    {
        var contested = shown.Belief.Contested
            ? $", contested with {string.Join(", ", shown.Belief.Candidates.Where(id => id != shown.Belief.DecidedBy).Take(3).Select(names.Of))}"
            : "";
        return $"{who}: {Phrases.Value(shown, names)}{Phrases.Standing(shown)} as of {names.Of(shown.Belief.DecidedBy)}, {Phrases.Age(shown.AgeMilliseconds)}, " +
            $"by rule {TerminalText.Plain(shown.Belief.Rule, 60)}{contested}.";
    }
}
