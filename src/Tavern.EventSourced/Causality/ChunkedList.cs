namespace Tavern.EventSourced.Causality;

/// <summary>A list that grows with the log and lives as long as the node. It grows by chunks, so nothing is copied and at most one chunk is empty, where a
/// <see cref="List{T}"/> is copied again and again and up to half empty. Only the first chunk begins small and doubles: there may be many short
/// lists. One owner.</summary>
internal sealed class ChunkedList<T>
{
    private const int ChunkBits = 6; // one agent among many learns little of each: half a chunk is empty in each of their lists
    private const int ChunkLength = 1 << ChunkBits;
    private const int LengthMin = 4;

    private T[] _first = [];
    private List<T[]>? _others;

    /// <summary>Number of items.</summary>
    public int Count { get; private set; }

    /// <summary>The item at a position, from 0 to <see cref="Count"/> - 1.</summary>
    public T this[int index]
    {
        get => ChunkOf(index)[index & (ChunkLength - 1)];
        set => ChunkOf(index)[index & (ChunkLength - 1)] = value;
    }

    /// <summary>Appends an item.</summary>
    public void Add(T item)
    {
        Grow(Count + 1);
        this[Count - 1] = item;
    }

    /// <summary>Makes the list longer; the new items are to be set.</summary>
    public void Grow(int count)
    {
        while (_first.Length < Math.Min(count, ChunkLength)) Array.Resize(ref _first, Math.Max(LengthMin, 2 * _first.Length));
        if (count > ChunkLength) _others ??= [];
        while (_others is not null && ChunkLength * (_others.Count + 1) < count) _others.Add(new T[ChunkLength]);
        Count = count;
    }

    private T[] ChunkOf(int index) => index < ChunkLength ? _first : _others![(index >> ChunkBits) - 1];
}
