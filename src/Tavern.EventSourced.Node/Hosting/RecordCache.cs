using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Decoded records by id, bounded in bytes; what is not kept is read from the store, with what follows it in its chain,
/// because folds and lists go up chains. One owner.</summary>
internal sealed class RecordCache(IEventStore store, long bytesMax)
{
    private const int ReadAhead = 64; // about a page of the store for small records

    private readonly Dictionary<EventId, LinkedListNode<EventRecord>> _byId = [];
    private readonly LinkedList<EventRecord> _byUse = [];
    private long _bytes;

    /// <summary>Keeps a committed record.</summary>
    public void Add(EventRecord record)
    {
        if (_byId.ContainsKey(record.Id)) return;
        _byId.Add(record.Id, _byUse.AddLast(record));
        _bytes += record.Bytes;
        while (_bytes > bytesMax && _byUse.Count > ReadAhead && _byUse.First is { } oldest)
        {
            _byUse.RemoveFirst();
            _byId.Remove(oldest.Value.Id);
            _bytes -= oldest.Value.Bytes;
        }
    }

    /// <summary>The record.</summary>
    /// <exception cref="KeyNotFoundException">It is not held.</exception>
    public EventRecord Read(EventId id)
    {
        if (_byId.TryGetValue(id, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }

        EventRecord? found = null;
        foreach (var record in store.ReadRecordsAsync(id.Chain, id.Sequence, id.Sequence + ReadAhead - 1, CancellationToken.None).ToBlockingEnumerable())
        {
            found ??= record;
            Add(record);
        }

        return found ?? throw new KeyNotFoundException($"Event {id} is not held on this node.");
    }
}
