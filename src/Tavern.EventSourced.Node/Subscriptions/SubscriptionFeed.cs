using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>Reads an agent's log in its order, a stretch at a time, and leaves out what a subscription does not want.</summary>
internal sealed class SubscriptionFeed(TavernNode node, AgentId agent, SubscriptionOptions options)
{
    private const int EventsMax = 256; // readers wait for the history meanwhile: under a millisecond
    private const int BytesMax = 4 * 1024 * 1024; // what a stretch of large records keeps in memory

    private readonly HashSet<string> _types = [.. options.Types];
    private readonly HashSet<AgentId> _writers = [.. options.Writers];

    /// <summary>What follows a position: the wanted events, and the position up to which the log was looked at.</summary>
    public ValueTask<(IReadOnlyList<(EventRecord Record, long Position)> Wanted, long End)> ReadAsync(long after, CancellationToken cancellationToken) =>
        node.History.ReadAsync(history => Read(history, after), cancellationToken);

    private (IReadOnlyList<(EventRecord Record, long Position)> Wanted, long End) Read(HistoryReader history, long after)
    {
        var (wanted, bytes, end) = (new List<(EventRecord, long)>(), 0, after);
        foreach (var (id, _, position) in LogWindow.Read(history, agent, after + 1, EventsMax))
        {
            if (bytes >= BytesMax) break;
            end = position;
            if ((id.Agent == agent && !options.OwnEvents) || (_writers.Count > 0 && !_writers.Contains(id.Agent))) continue;
            var record = history.Record(id);
            if (_types.Count > 0 && !_types.Contains(record.Header.Type)) continue;
            wanted.Add((record, position));
            bytes += record.Bytes;
        }

        return (wanted, end);
    }
}
