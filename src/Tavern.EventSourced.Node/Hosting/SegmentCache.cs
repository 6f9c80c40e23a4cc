using System.Diagnostics.CodeAnalysis;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Recently used segments by their first event, so that fresh news is sent on without reading it back from the disk.
/// The least recently used goes first. Safe for concurrent use.</summary>
/// <param name="bytesMax">Most bytes of memory kept, by <see cref="CachedBytes"/>.</param>
internal sealed class SegmentCache(int bytesMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EventId, LinkedListNode<Segment>> _byFirst = [];
    private readonly LinkedList<Segment> _byUse = [];
    private long _bytes;

    /// <summary>Keeps a committed segment.</summary>
    public void Add(Segment segment)
    {
        var first = segment.Records[0].Id;
        lock (_lock)
        {
            if (_byFirst.ContainsKey(first)) return;
            _byFirst.Add(first, _byUse.AddLast(segment));
            _bytes += CachedBytes.Of(segment);
            while (_bytes > bytesMax && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _byFirst.Remove(oldest.Value.Records[0].Id);
                _bytes -= CachedBytes.Of(oldest.Value);
            }
        }
    }

    /// <summary>The segment that starts with this event, when it is kept.</summary>
    public bool TryGet(EventId first, [NotNullWhen(true)] out Segment? segment)
    {
        lock (_lock)
        {
            if (!_byFirst.TryGetValue(first, out var node))
            {
                segment = null;
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            segment = node.Value;
            return true;
        }
    }
}
