using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Decoded records by id, bounded in bytes of memory; what is not kept is read from the store, with what follows it in its chain,
/// because folds and lists go up chains. One owner.</summary>
/// <param name="store">Holds every record that is asked for.</param>
/// <param name="bytesMax">Most bytes kept (<see cref="CachedBytes"/>), but always what one read of the store brings.</param>
internal sealed class RecordCache(IEventStore store, long bytesMax)
{
    private const int ReadAhead = 64; // about a page of the store for small records

    private readonly Dictionary<EventId, LinkedListNode<EventRecord>> _byId = [];
    private readonly LinkedList<EventRecord> _byUse = [];
    private long _bytesMax = bytesMax;

    /// <summary>Bytes kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps a record if there is room: whoever reads a log from its beginning finds that there, and not only its end.</summary>
    public void Offer(EventRecord record)
    {
        if (Bytes + CachedBytes.Of(record) <= _bytesMax) Add(record);
    }

    /// <summary>Keeps a record; the least recently used go.</summary>
    public void Add(EventRecord record)
    {
        if (_byId.ContainsKey(record.Id)) return;
        _byId.Add(record.Id, _byUse.AddLast(record));
        Bytes += CachedBytes.Of(record);
        Trim();
    }

    /// <summary>Keeps no more than this from now on.</summary>
    public void Shrink(long bytes)
    {
        if (bytes >= _bytesMax) return;
        _bytesMax = bytes;
        Trim();
        _byId.TrimExcess();
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

    private void Trim()
    {
        while (Bytes > _bytesMax && _byUse.Count > ReadAhead && _byUse.First is { } oldest)
        {
            _byUse.RemoveFirst();
            _byId.Remove(oldest.Value.Id);
            Bytes -= CachedBytes.Of(oldest.Value);
        }
    }
}
