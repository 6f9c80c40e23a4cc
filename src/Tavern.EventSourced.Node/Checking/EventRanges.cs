using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Checking;

/// <summary>Events as ranges, for what is said to people.</summary>
internal static class EventRanges
{
    /// <summary>The fewest ranges that hold these events, by chain and sequence.</summary>
    public static IEnumerable<EventRange> Of(IEnumerable<EventId> events)
    {
        EventRange? open = null;
        foreach (var id in events.Order())
        {
            if (open is { } range && range.Chain == id.Chain && range.Last + 1 == id.Sequence)
            {
                open = range with { Last = id.Sequence };
                continue;
            }

            if (open is { } done) yield return done;
            open = new EventRange(id.Chain, id.Sequence, id.Sequence);
        }

        if (open is { } last) yield return last;
    }
}
