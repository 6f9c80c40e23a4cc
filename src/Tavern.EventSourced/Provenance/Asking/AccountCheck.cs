using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Finds contradictions within an account that arrived: what a careless or hostile answerer may send.</summary>
internal static class AccountCheck
{
    /// <summary>What is wrong, as a clause; null for nothing.</summary>
    public static string? FlawOf(AskQuestion.Belief asked, BeliefAccount account, AgentId answerer)
    {
        if (account.Position < 0) return "its log position is negative";
        if (account.Belief is { } belief)
        {
            if (belief.Field != asked.Field) return "it is about another field";
            if (!account.Clock.Covers(belief.DecidedBy)) return $"its clock does not cover {belief.DecidedBy}, which it names as deciding";
        }

        if (account.Past is null && asked.AsOf is not null) return "it tells nothing of the cut that was asked for";
        if (account.Past is { } past && !past.Cut.Equals(asked.AsOf)) return "it tells of a cut that was not asked for";
        if (account.HeldBack.Any(held => !IsRange(held.Events)) || account.Rejections.Any(rejection => !IsRange(rejection.Events)) ||
            account.Links.Any(link => link.Awaited.Any(range => !IsRange(range)))) return "it holds a range that ends before it begins";
        if (account.Forks.Any(fork => fork is null || fork.Epoch < 1 || fork.LastShared < 0 || fork.Quarantined < 0)) return "it tells of a fork in no epoch, or of a negative number of events";
        if (account.Links.Any(link => link.Failure is { } failure && failure.Holder != answerer) ||
            account.Rejections.Any(rejection => rejection.Receipt.Holder != answerer)) return "it shows somebody else's receipts";
        return null;
    }

    /// <summary>True for a range with at least one event.</summary>
    public static bool IsRange(EventRange range) => range.First >= 1 && range.Last >= range.First;
}
