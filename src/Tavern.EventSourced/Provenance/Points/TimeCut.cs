using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Turns a wall-clock time into a cut.</summary>
public static class TimeCut
{
    /// <summary>The largest causally closed cut whose events were all written by then, each by its writer's clock. Approximate, since
    /// clocks differ. Events of unknown time count as written by then. Within a chain times must not run backwards, as
    /// those of a <see cref="HybridLogicalClock"/> do not; of a chain where they do, some prefix is taken.</summary>
    /// <param name="events">The events.</param>
    /// <param name="timeOf">When a held event was written.</param>
    /// <param name="time">The time.</param>
    public static VectorClock Of(CausalIndex events, Func<EventId, HybridTime> timeOf, DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        var heads = events.Heads.Entries;
        var bounds = new SortedDictionary<ChainId, long>();
        foreach (var (chain, head) in heads) bounds[chain] = Last(events.FirstOf(chain), head, sequence => timeOf(chain[sequence]).Milliseconds <= milliseconds);

        // What a chain's writer knew only grows along the chain, so a chain is cut back to the last event that knew no more than
        // the bounds allow, until nothing changes.
        var changed = true;
        while (changed)
        {
            changed = false;
            foreach (var (chain, _) in heads)
            {
                var allowed = Last(events.FirstOf(chain), bounds[chain], sequence => IsWithin(events, chain[sequence], bounds));
                changed |= allowed != bounds[chain];
                bounds[chain] = allowed;
            }
        }

        return VectorClock.Of(bounds.Select(pair => new ClockEntry(pair.Key, pair.Value)));
    }

    private static bool IsWithin(CausalIndex events, EventId id, SortedDictionary<ChainId, long> bounds)
    {
        foreach (var (chain, bound) in bounds)
            if (chain != id.Chain && events.KnownAt(id, chain) > bound) return false;
        return true;
    }

    /// <summary>The last number from <paramref name="first"/> to <paramref name="max"/> that holds, 0 for none, where all before one that holds hold.</summary>
    private static long Last(long first, long max, Func<long, bool> holds)
    {
        var (low, high) = (first, max);
        while (low <= high)
        {
            var middle = low + (high - low) / 2;
            if (holds(middle)) low = middle + 1;
            else high = middle - 1;
        }

        return high < first ? 0 : high;
    }
}
