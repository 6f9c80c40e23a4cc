using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Folds events about commitments. How one stands is decided anew by <see cref="CommitmentDecision"/> after each.</summary>
internal static class CommitmentFold
{
    public static TavernView Made(TavernView view, FoldStep step, CommitmentMade made)
    {
        var commitment = new CommitmentView(step.Id, step.Named(made.Task), made.To)
        {
            Text = step.First(made.Text, RuleIds.CommitmentMade),
            State = step.First(CommitmentState.Made, RuleIds.CommitmentMade),
        };
        return Set(view, step, before: null, commitment);
    }

    public static TavernView Claimed(TavernView view, FoldStep step, CommitmentClaimed claimed)
    {
        if (!Find(view, step, claimed.Commitment, out var commitment)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (step.Writer != commitment.Owner) return step.Ignore(view, RuleIds.CommitmentOwner);
        if (commitment.Withdrawal is not null) return step.Ignore(view, RuleIds.CommitmentWithdrawn);
        view = view with { Claims = view.Claims.Add(step.Id, commitment.Id) };
        var claim = step.Write(commitment.Claim, claimed.Evidence, RuleIds.CommitmentLastClaim);
        // Claims of two epochs may be concurrent; the one that loses changes nothing but the candidates.
        return Set(view, step, commitment, claim.DecidedBy != step.Id ? commitment with { Claim = claim } : commitment with
        {
            Claim = claim,
            Verifications = [],
            Rulings = [],
            Disputes = [.. commitment.Disputes.Where(dispute => !step.Past.Includes(dispute.Event.Event))],
        });
    }

    public static TavernView Withdrawn(TavernView view, FoldStep step, CommitmentWithdrawn withdrawn)
    {
        if (!Find(view, step, withdrawn.Commitment, out var commitment)) return step.Ignore(view, RuleIds.ReferenceInPast);
        if (step.Writer != commitment.Owner) return step.Ignore(view, RuleIds.CommitmentOwner);
        var withdrawal = step.Write(commitment.Withdrawal, withdrawn.Reason, RuleIds.CommitmentWithdrawn);
        return Set(view, step, commitment, commitment with { Withdrawal = withdrawal });
    }

    public static TavernView Verified(TavernView view, FoldStep step, VerificationRecorded verification)
    {
        if (!FindClaim(view, step, verification.Claim, out var commitment, out var rule)) return step.Ignore(view, rule);
        if (view.Tree.IsInSubtree(commitment.Owner, step.Writer)) return step.Ignore(view, RuleIds.VerifyOutsideSubtree);
        var overrides = verification.Overrides is { IsDefault: false } named ? named.Select(id => step.Past.Meant(id)).ToHashSet() : [];
        var standing = commitment.Verifications.RemoveAll(earlier =>
            (earlier.By == step.Writer || overrides.Contains(earlier.Event.Event)) && step.Past.Includes(earlier.Event.Event));
        rule = standing.Length < commitment.Verifications.Length ? RuleIds.VerifyOverride : RuleIds.VerifyFailedWins;
        var (outcome, note) = (verification.Outcome, verification.Note);
        var judgement = new Judgement(step.Writer, outcome, note, step.Claim(StateOf(outcome), rule));
        return Set(view, step, commitment, commitment with { Verifications = standing.Add(judgement) });
    }

    public static TavernView Disputed(TavernView view, FoldStep step, CommitmentDisputed disputed)
    {
        if (!Find(view, step, disputed.Commitment, out var commitment)) return step.Ignore(view, RuleIds.ReferenceInPast);
        var dispute = new Dispute(step.Writer, disputed.Reason, step.Claim(CommitmentState.Disputed, RuleIds.DisputeOpen));
        var earlier = commitment.Disputes.RemoveAll(other => other.By == step.Writer && step.Past.Includes(other.Event.Event));
        return Set(view, step, commitment, commitment with { Disputes = earlier.Add(dispute) });
    }

    public static TavernView Ruled(TavernView view, FoldStep step, RulingMade ruling)
    {
        if (!FindClaim(view, step, ruling.Claim, out var commitment, out var rule)) return step.Ignore(view, rule);
        if (!view.Tree.IsAncestor(step.Writer, commitment.Owner)) return step.Ignore(view, RuleIds.RulingCommonAncestor);
        var judgement = new Judgement(step.Writer, ruling.Outcome, ruling.Reason, step.Claim(StateOf(ruling.Outcome), RuleIds.RulingNearest))
        {
            Answers = [.. commitment.Disputes.Select(dispute => dispute.Event.Event).Where(step.Past.Includes)],
        };
        var earlier = commitment.Rulings.RemoveAll(other => other.By == step.Writer && step.Past.Includes(other.Event.Event));
        return Set(view, step, commitment, commitment with { Rulings = earlier.Add(judgement) });
    }

    private static CommitmentState StateOf(VerificationOutcome outcome) =>
        outcome is VerificationOutcome.Pass ? CommitmentState.Verified : CommitmentState.Failed;

    private static bool Find(TavernView view, FoldStep step, EventId id, out CommitmentView commitment) =>
        step.Finds(view.Commitments, id, out commitment!);

    private static bool FindClaim(TavernView view, FoldStep step, EventId claim, out CommitmentView commitment, out string rule)
    {
        (commitment, rule) = (null!, RuleIds.ReferenceInPast);
        if (step.Past.Meant(claim) is not { } meant || !view.Claims.TryGetValue(meant, out var id)) return false;
        commitment = view.Commitments[id];
        rule = RuleIds.VerifyCurrentClaim;
        return commitment.Claim!.DecidedBy == meant;
    }

    /// <summary>The view with one commitment replaced and its owner's figures brought up to date.</summary>
    private static TavernView Set(TavernView view, FoldStep step, CommitmentView? before, CommitmentView after)
    {
        after = after with { State = CommitmentDecision.Of(after, view.Tree) };
        var owner = view.Agents[after.Owner];
        var counted = (after.IsCounted ? 1 : 0) - (before is { IsCounted: true } ? 1 : 0);
        var verified = (after.State.Value is CommitmentState.Verified ? 1 : 0) - (before?.State.Value is CommitmentState.Verified ? 1 : 0);
        if (counted != 0 || verified != 0)
        {
            var tally = owner.Commitments;
            view = AgentFold.Set(view, owner with { Commitments = new CommitmentTally(tally.Verified + verified, tally.Counted + counted, step.Id) });
        }

        return view with { Commitments = view.Commitments.SetItem(after.Id, after) };
    }
}
