using System.Collections.Immutable;

namespace Tavern.EventSourced.Views;

/// <summary>The newest items of a list that grows without end, and how many there were in all. Immutable.</summary>
public sealed class Recent<T>
{
    private readonly ImmutableQueue<T> _items;

    private Recent(ImmutableQueue<T> items, int count, long total) => (_items, Count, Total) = (items, count, total);

    /// <summary>Most items kept: what a person or an agent may want to scroll through; the log holds the rest.</summary>
    internal const int ItemsMax = 1000;

    /// <summary>No items.</summary>
    internal static Recent<T> Empty { get; } = new([], 0, 0);

    /// <summary>Items kept, at most 1000.</summary>
    public int Count { get; }

    /// <summary>Items ever added.</summary>
    public long Total { get; }

    /// <summary>The items kept, in canonical order, the newest last.</summary>
    public IEnumerable<T> Items => _items;

    /// <summary>This list with one more item; the oldest goes when it is full.</summary>
    internal Recent<T> Add(T item) => Count < ItemsMax
        ? new Recent<T>(_items.Enqueue(item), Count + 1, Total + 1)
        : new Recent<T>(_items.Dequeue().Enqueue(item), Count, Total + 1);
}
