using System.Numerics;

namespace Tavern.EventSourced.Views;

/// <summary>States at positions that get exponentially sparser with their distance from the newest: for every power of two the
/// two last multiples of it. So there are at most 2 log2(n) + 2, and going back d positions lands at most 2d earlier.</summary>
internal sealed class Checkpoints<T>
{
    private readonly List<(int Position, T State)> _kept = [];

    public Checkpoints(T initial) => _kept.Add((0, initial));

    private Checkpoints(IEnumerable<(int, T)> kept) => _kept.AddRange(kept);

    /// <summary>Number of states kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Keeps the state after <paramref name="position"/> events; positions come one by one.</summary>
    public void Add(int position, T state)
    {
        _kept.Add((position, state));
        // A multiple of 2^k (and no higher power) is kept for the next 2 * 2^k positions; exactly one falls out per step.
        var expired = position - (2L << BitOperations.TrailingZeroCount(position));
        if (expired <= 0) return;
        var index = _kept.Count - 2;
        while (_kept[index].Position > expired) index--;
        if (_kept[index].Position == expired) _kept.RemoveAt(index);
    }

    /// <summary>Forgets what lies beyond a position and returns the newest state at or before it.</summary>
    public (int Position, T State) RewindTo(int position)
    {
        while (_kept[^1].Position > position) _kept.RemoveAt(_kept.Count - 1);
        return _kept[^1];
    }

    /// <summary>A copy that ends at or before a position.</summary>
    public Checkpoints<T> UpTo(int position) => new(_kept.TakeWhile(kept => kept.Position <= position));
}
