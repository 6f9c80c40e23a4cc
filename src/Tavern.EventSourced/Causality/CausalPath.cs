using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Causality;

/// <summary>One step of a proof that an event happened before another.</summary>
/// <param name="From">The earlier event.</param>
/// <param name="To">The later one: in the same chain, or its writer names <paramref name="From"/> as a dependency in it, or it is the first event
/// of a branch and follows <paramref name="From"/> on the line that the branch leaves.</param>
public readonly record struct CausalStep(EventId From, EventId To)
{
    /// <summary>True when both are of one chain (of one branch, if it has forked), any number of events apart.</summary>
    public bool IsWithinChain => From.Chain == To.Chain;

    /// <summary>True when the later one is the very next after the other in their chain, on another branch of it.</summary>
    public bool IsOntoBranch => !IsWithinChain && From.Chain.Main == To.Chain.Main && To.Sequence == From.Sequence + 1;
}

/// <summary>Proves happens-before step by step.</summary>
public static class CausalPath
{
    /// <summary>The steps from one held event to a later one with the fewest dependencies between chains; null when the first is not
    /// before the second. Works backwards: of each chain only the latest event reached with so many dependencies matters, since
    /// its past holds those of all before it. Costs chains squared per dependency on the path.</summary>
    /// <exception cref="CausalGapException">One of them is not held.</exception>
    public static IReadOnlyList<CausalStep>? Find(CausalIndex events, EventId from, EventId to)
    {
        if (!events.HappensBefore(from, to)) return null;
        var best = new Dictionary<ChainId, long> { [to.Chain] = to.Sequence };
        var levels = new List<SortedDictionary<ChainId, Reached>> { new() { [to.Chain] = new Reached(to.Sequence, to) } };
        while (best.GetValueOrDefault(from.Chain) < from.Sequence)
        {
            var next = new SortedDictionary<ChainId, Reached>();
            foreach (var (chain, reached) in levels[^1])
                foreach (var (by, on) in events.NamedAt(chain[reached.Sequence]))
                {
                    if (on.Sequence <= best.GetValueOrDefault(on.Chain)) continue;
                    if (next.TryGetValue(on.Chain, out var other) && other.Sequence >= on.Sequence) continue;
                    next[on.Chain] = new Reached(on.Sequence, by);
                }

            foreach (var (chain, reached) in next) best[chain] = reached.Sequence;
            levels.Add(next);
        }

        return Forward(levels, from, to);
    }

    private static List<CausalStep> Forward(List<SortedDictionary<ChainId, Reached>> levels, EventId from, EventId to)
    {
        var (steps, at) = (new List<CausalStep>(), from);
        for (var level = levels.Count - 1; level > 0; level--)
        {
            var reached = levels[level][at.Chain];
            GoTo(at.Chain[reached.Sequence]);
            GoTo(reached.By);
        }

        GoTo(to);
        return steps;

        void GoTo(EventId next)
        {
            if (at != next) steps.Add(new CausalStep(at, next));
            at = next;
        }
    }

    /// <summary>The latest event of a chain that was reached, and the event that names it as a dependency.</summary>
    private readonly record struct Reached(long Sequence, EventId By);
}
