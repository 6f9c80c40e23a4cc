using System.Collections.Immutable;

namespace Tavern.EventSourced.Provenance;

/// <summary>A <c>why</c> answer for a terminal: two lines that answer the question, the evidence, and the commands that would
/// help; at most <see cref="LinesMax"/> lines.</summary>
public static class WhyText
{
    /// <summary>Most lines, commands included: one look, no scrolling.</summary>
    public const int LinesMax = 15;

    /// <summary>The lines.</summary>
    public static ImmutableArray<string> Lines(WhyAnswer answer, AgentNames names)
    {
        var lines = new List<string> { Accounts(answer, names), VerdictText.Sentence(answer, answer.Verdict, names) };
        lines.AddRange(VerdictText.Details(answer, answer.Verdict, names));
        lines.Add("");
        if (answer.ObserverBelief is { } theirs) lines.Add(Evidence(names.Start(answer.Observer), theirs, names));
        if (answer.SubjectBelief is { } own) lines.Add(Evidence(names.Start(answer.Subject), own, names));
        if (answer.Heard is { } heard) lines.Add($"{names.Of(heard.Event)} is heard by {Phrases.Count(heard, names)}.");
        var commands = WhyCommands.Of(answer, names);
        if (commands.Count > 0) lines.Add("");
        lines.AddRange(commands.Select(command => "  " + command));
        return [.. lines.Take(LinesMax)];
    }

    /// <summary>What the two say, in one line: <c>Jake thinks Gandalf is IDLE. Gandalf says DONE (claimed, not yet verified).</c></summary>
    public static string Accounts(WhyAnswer answer, AgentNames names)
    {
        var silent = (answer.Verdict as Verdict.Unreachable)?.Silent ?? [];
        var (observer, subject) = (names.Start(answer.Observer), names.Start(answer.Subject));
        var what = answer.Field == "state" ? subject : $"{subject}'s {TerminalText.Plain(answer.Field, 60)}";
        if (answer.Verdict is Verdict.Agree && answer.ObserverBelief is { } shared)
            return $"{observer} and {subject} agree: {what} is {Phrases.Value(shared)}{Phrases.Standing(shared)}.";
        var old = answer.Verdict is Verdict.StaleView;
        var first = silent.Contains(answer.Observer) ? $"{observer} does not answer."
            : answer.ObserverBelief is { } theirs ? $"{observer} {(old ? "thought, at the cut you named," : "thinks")} {what} is {Phrases.Value(theirs)}."
            : $"{observer} {(old ? "held" : "holds")} nothing about {subject}'s {TerminalText.Plain(answer.Field, 60)}{(old ? " at the cut you named" : "")}.";
        var second = silent.Contains(answer.Subject) ? $"{subject} does not answer."
            : answer.SubjectBelief is { } own ? $"{subject} says {Phrases.Value(own)}{Phrases.Standing(own)}."
            : $"{subject} says nothing.";
        return answer.Observer == answer.Subject ? second : $"{first} {second}";
    }

    /// <summary>Both in one sentence each: what a list of disagreements shows.</summary>
    public static string Sentence(WhyAnswer answer, AgentNames names) =>
        $"{Accounts(answer, names)} {VerdictText.Sentence(answer, answer.Verdict, names)}";

    private static string Evidence(string who, ShownBelief shown, AgentNames names)
    {
        var contested = shown.Belief.Contested
            ? $", contested with {string.Join(", ", shown.Belief.Candidates.Where(id => id != shown.Belief.DecidedBy).Take(3).Select(names.Of))}"
            : "";
        return $"{who}: {Phrases.Value(shown)}{Phrases.Standing(shown)} as of {names.Of(shown.Belief.DecidedBy)}, {Phrases.Age(shown.AgeMilliseconds)}, " +
            $"by rule {TerminalText.Plain(shown.Belief.Rule, 60)}{contested}.";
    }
}
