using System.Runtime.InteropServices;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>How a commitment stands, from all that was said about its current claim.</summary>
internal static class CommitmentDecision
{
    public static Field<CommitmentState> Of(CommitmentView commitment, SpawnTree tree)
    {
        if (commitment.Withdrawal is { } withdrawal) return Field<CommitmentState>.Of(As(withdrawal, CommitmentState.Withdrawn));
        var ruling = CountingRuling(commitment, tree);
        if (OpenDispute(commitment, ruling) is { } dispute) return Field<CommitmentState>.Of(dispute.Event);
        if (ruling is not null) return Field<CommitmentState>.Of(ruling.Event);
        if (!commitment.Verifications.IsEmpty)
        {
            var candidates = commitment.Verifications.Select(verification => verification.Event)
                .OrderByDescending(candidate => candidate.Value is CommitmentState.Failed)
                .ThenByDescending(candidate => candidate.Depth).ThenByDescending(candidate => candidate.Hash).ToList();
            return Field<CommitmentState>.Of(CollectionsMarshal.AsSpan(candidates));
        }

        return Field<CommitmentState>.Of(commitment.Claim is { } claim
            ? As(claim, CommitmentState.Claimed)
            : As(commitment.Text, CommitmentState.Made));
    }

    /// <summary>The ruling of the nearest strict common ancestor of owner and verifiers; null when there is none.</summary>
    private static Judgement? CountingRuling(CommitmentView commitment, SpawnTree tree)
    {
        Judgement? nearest = null;
        foreach (var ruling in commitment.Rulings)
        {
            if (!commitment.Verifications.All(verification => tree.IsAncestor(ruling.By, verification.By))) continue;
            if (nearest is null || Compare(ruling, nearest, tree) > 0) nearest = ruling;
        }

        return nearest;
    }

    /// <summary>Deeper in the tree is nearer; one ancestor's concurrent rulings (of two epochs) go by (depth, hash).</summary>
    private static int Compare(Judgement a, Judgement b, SpawnTree tree)
    {
        var order = tree.DepthOf(a.By).CompareTo(tree.DepthOf(b.By));
        if (order == 0) order = a.Event.Depth.CompareTo(b.Event.Depth);
        return order != 0 ? order : a.Event.Hash.CompareTo(b.Event.Hash);
    }

    /// <summary>The newest dispute that no counting ruling answers; null when there is none.</summary>
    private static Dispute? OpenDispute(CommitmentView commitment, Judgement? ruling)
    {
        Dispute? open = null;
        foreach (var dispute in commitment.Disputes)
        {
            if (ruling is not null && ruling.Answers.Contains(dispute.Event.Event)) continue;
            if (open is null || dispute.Event.Depth > open.Event.Depth
                || (dispute.Event.Depth == open.Event.Depth && dispute.Event.Hash.CompareTo(open.Event.Hash) > 0)) open = dispute;
        }

        return open;
    }

    private static Candidate<CommitmentState> As<T>(Field<T> field, CommitmentState state)
    {
        var winner = field.Candidates[0];
        return new Candidate<CommitmentState>(state, winner.Event, winner.Depth, winner.Hash, winner.Rule);
    }
}
