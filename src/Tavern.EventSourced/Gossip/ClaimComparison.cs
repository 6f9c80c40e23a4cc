using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>Compares what two agents claim of one chain. Each claims its tips: one, or several where the chain has forked.</summary>
internal sealed class ClaimComparison(ClockTerms terms, SegmentIndex index)
{
    private readonly HashSet<EventId> _compared = []; // records of forked chains whose terms are known: a term costs a hash
    private readonly Dictionary<UInt128, EventId> _byTerm = [];

    /// <summary>The held record that a claim is about; null when it is not held.</summary>
    public EventId? Find(ClockClaim claim)
    {
        if (!index.IsForked(claim.Chain))
            return index.TryGetHash(claim.Chain[claim.Sequence], out var only) && terms.Of(claim.Chain, claim.Sequence, only) == claim.Term ? claim.Chain[claim.Sequence] : null;
        if (_byTerm.TryGetValue(claim.Term, out var found) && found.Main == claim.Chain[claim.Sequence]) return found;
        foreach (var branch in index.BranchesOf(claim.Chain))
        {
            var id = branch[claim.Sequence];
            if (_compared.Contains(id) || !index.TryGetHash(id, out var hash)) continue;
            var term = terms.Of(branch, claim.Sequence, hash);
            _compared.Add(id);
            _byTerm[term] = id;
            if (term == claim.Term) return id;
        }

        return null;
    }

    /// <summary>Those of their claims that this agent does not have.</summary>
    /// <param name="theirs">What the other claims of a chain.</param>
    /// <param name="mine">What this agent claims of it.</param>
    /// <param name="has">Whether this agent has a held record.</param>
    public IEnumerable<ClockClaim> Ahead(IEnumerable<ClockClaim> theirs, ImmutableArray<ClockClaim> mine, Func<EventId, bool> has) =>
        theirs.Where(claim => claim.Sequence > 0 && !mine.Contains(claim) && !(Find(claim) is { } held && has(held)));

    /// <summary>True when the other lacks something of mine, as far as can be told: a tip that it does not claim, and that nothing it is ahead with
    /// may follow.</summary>
    public static bool Owes(ImmutableArray<ClockClaim> mine, IReadOnlyCollection<ClockClaim> theirs, IReadOnlyCollection<ClockClaim> ahead) =>
        mine.Any(tip => tip.Sequence > 0 && !theirs.Contains(tip) && !ahead.Any(claim => claim.Sequence > tip.Sequence));

    /// <summary>The sum of the terms, modulo 2^128.</summary>
    public static UInt128 Sum(IEnumerable<ClockClaim> claims)
    {
        UInt128 sum = 0;
        foreach (var claim in claims)
        {
            unchecked
            {
                sum += claim.Term;
            }
        }

        return sum;
    }
}
