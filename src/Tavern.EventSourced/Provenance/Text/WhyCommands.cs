namespace Tavern.EventSourced.Provenance;

/// <summary>The commands that would help with a <c>why</c> answer, ready to be pasted into a shell; at most three.</summary>
public static class WhyCommands
{
    /// <summary>The commands, most useful first; none when there is nothing to do.</summary>
    public static IReadOnlyList<string> Of(Explanation answer, AgentNames names)
    {
        var (observer, subject) = (names.Of(answer.Observer), names.Of(answer.Subject));
        var field = answer.Field == "state" || !AskQuestion.IsFieldName(answer.Field) ? "" : $" --field {answer.Field}";
        var again = $"tavern why {observer} {subject}{field}";
        return answer.Verdict switch
        {
            Verdict.Agree agree => [$"tavern told {names.Of(agree.SubjectEvent)}"],
            Verdict.NotHeard { Delay: Delay.PausedHere } gap =>
                [$"tavern gossip resume --as {names.Of(gap.Behind)}", $"{again} --watch", $"tavern told {names.Of(gap.Deciding)}"],
            Verdict.NotHeard gap => [$"{again} --watch", $"tavern told {names.Of(gap.Deciding)}"],
            Verdict.Waiting held => [$"tavern who-knows {names.Of(held.HeldBack.Missing)}", $"{again} --watch"],
            Verdict.Rejected refused => [$"tavern show {names.Of(refused.Deciding)}", "tavern replay"],
            Verdict.Overruled { Competing: { } winner, Deciding: { } loser } =>
                [$"tavern show {names.Of(winner)}", $"tavern show {names.Of(loser)}", $"tavern told {names.Of(winner)}"],
            Verdict.Overruled { Competing: { } winner } => [$"tavern show {names.Of(winner)}", $"tavern told {names.Of(winner)}"],
            Verdict.Overruled { Deciding: { } loser } => [$"tavern show {names.Of(loser)}"],
            Verdict.Forked { WaitsForEndorsement: true } => ["tavern show --forks", $"tavern endorse {subject}"],
            Verdict.Forked fork => ["tavern show --forks", $"tavern show {names.Of(fork.Deciding)}"],
            Verdict.NeverSaid { Claimed: { } claimed } => [$"tavern who-knows {names.Of(claimed)}", $"tavern log {subject}"],
            Verdict.NeverSaid => [$"tavern log {subject}"],
            Verdict.StaleView => [again],
            Verdict.Unreachable { LastKnown: { } last } => ["tavern status", $"tavern who-knows {names.Of(last)}", $"{again} --watch"],
            Verdict.Unreachable => ["tavern status", $"{again} --watch"],
            _ => [],
        };
    }
}
