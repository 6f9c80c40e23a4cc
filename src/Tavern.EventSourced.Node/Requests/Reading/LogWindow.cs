using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>A stretch of a log, event by event.</summary>
internal static class LogWindow
{
    private const int RunsAtOnce = 256;

    /// <summary>Events from a position on, at most <paramref name="count"/> of them.</summary>
    public static IEnumerable<(EventId Id, Run Run, long Position)> Read(HistoryReader history, AgentId holder, long from, long count)
    {
        var (position, end) = (from, Math.Min(from + count - 1, history.LogLength(holder)));
        while (position <= end)
        {
            foreach (var run in history.Runs(holder, position, RunsAtOnce))
            {
                for (; position <= Math.Min(end, run.LastPosition); position++)
                    yield return (run.Chain[run.First + (position - run.Position)], run, position);
                if (position > end) yield break;
            }
        }
    }
}
