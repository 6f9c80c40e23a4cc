using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>One declared cause, or effect, in a tree of them.</summary>
/// <param name="Event">The cause (or effect).</param>
/// <param name="Of">The event it is the cause (or effect) of: the line it hangs under.</param>
/// <param name="Depth">Steps from the root, from 1.</param>
/// <param name="Standing">What the declaration is worth; only reasons are followed.</param>
/// <param name="Again">True when the event has another line, nearest to the root, and is followed there alone.</param>
/// <param name="More">True when it has causes (or effects) of its own that were not followed.</param>
public sealed record CauseLine(EventId Event, EventId Of, int Depth, CauseStanding Standing, bool Again, bool More);

/// <summary>Declared causes (or effects) of an event, and theirs.</summary>
/// <param name="Lines">One per declaration, each below the line it hangs under.</param>
/// <param name="Complete">True when nothing was cut off.</param>
public sealed record CauseTree(ImmutableArray<CauseLine> Lines, bool Complete)
{
    /// <summary>Walks breadth first, so that an event stands where it is nearest to the root, and what a limit cuts off is farthest.</summary>
    /// <param name="root">Where to start; has no line.</param>
    /// <param name="next">The causes (or effects) of an event, in the order to show them. Reasons must have no cycle.</param>
    /// <param name="depthMax">Most steps from the root, at least 1.</param>
    /// <param name="linesMax">Most lines, at least 1.</param>
    public static CauseTree Walk(EventId root, Func<EventId, IEnumerable<(EventId Event, CauseStanding Standing)>> next, int depthMax, int linesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depthMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(linesMax, 1);
        var (depths, below, more, lines) = (new Dictionary<EventId, int> { [root] = 0 }, new Dictionary<EventId, List<CauseLine>>(), new HashSet<EventId>(), 0);
        var waiting = new Queue<EventId>([root]);
        while (waiting.TryDequeue(out var at))
        {
            var depth = depths[at] + 1;
            foreach (var (id, standing) in next(at))
            {
                if (depth > depthMax || lines == linesMax)
                {
                    more.Add(at);
                    break;
                }

                lines++;
                var again = standing is CauseStanding.Reason && !depths.TryAdd(id, depth);
                if (standing is CauseStanding.Reason && !again) waiting.Enqueue(id);
                if (!below.TryGetValue(at, out var list)) below.Add(at, list = []);
                list.Add(new CauseLine(id, at, depth, standing, again, More: false));
            }
        }

        return new CauseTree(Flatten(root, below, more, lines), more.Count == 0);
    }

    private static ImmutableArray<CauseLine> Flatten(EventId root, Dictionary<EventId, List<CauseLine>> below, HashSet<EventId> more, int count)
    {
        var lines = ImmutableArray.CreateBuilder<CauseLine>(count);
        var open = new Stack<CauseLine>();
        Push(root);
        while (open.TryPop(out var line))
        {
            var followed = line is { Standing: CauseStanding.Reason, Again: false };
            lines.Add(followed && more.Contains(line.Event) ? line with { More = true } : line);
            if (followed) Push(line.Event);
        }

        return lines.MoveToImmutable();

        void Push(EventId id)
        {
            if (!below.TryGetValue(id, out var list)) return;
            for (var i = list.Count - 1; i >= 0; i--) open.Push(list[i]);
        }
    }
}
