namespace Tavern.EventSourced.Causality;

/// <summary>A hybrid logical timestamp: for display and "five minutes ago" only; no rule reads it.
/// Source: Kulkarni et al., "Logical physical clocks", OPODIS 2014.</summary>
/// <param name="Milliseconds">Milliseconds since 1970-01-01T00:00Z; 0 means the time is unknown.</param>
/// <param name="Counter">Orders events of one millisecond.</param>
public readonly record struct HybridTime(long Milliseconds, int Counter) : IComparable<HybridTime>
{
    /// <summary>True when no time was recorded, as in imported histories.</summary>
    public bool IsUnknown => Milliseconds == 0;

    /// <summary>The wall-clock part, in UTC.</summary>
    public DateTimeOffset Wall => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds);

    /// <summary>The first time after this one. A peer may send any counter: past the highest that can be written, it is the next millisecond.</summary>
    public HybridTime Next() => Counter < int.MaxValue ? this with { Counter = Counter + 1 } : new HybridTime(Milliseconds + 1, 0);

    /// <summary>Orders by milliseconds, then counter.</summary>
    public int CompareTo(HybridTime other)
    {
        var order = Milliseconds.CompareTo(other.Milliseconds);
        return order != 0 ? order : Counter.CompareTo(other.Counter);
    }
}

/// <summary>Hands out hybrid timestamps that never run backwards, from wall-clock readings that may.</summary>
public sealed class HybridLogicalClock
{
    /// <summary>A remote time further ahead than this is suspect and is not merged: a minute is far beyond what
    /// synchronised clocks differ by, and merging it would drag every reader's times along.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(1);

    private HybridTime _latest;

    /// <summary>A timestamp for a new event, after every one handed out or merged before.</summary>
    public HybridTime Next(DateTimeOffset wall)
    {
        var now = wall.ToUnixTimeMilliseconds();
        return _latest = now > _latest.Milliseconds ? new HybridTime(now, 0) : _latest.Next();
    }

    /// <summary>Takes note of a time that was received. False, and without effect, when it lies more than
    /// <see cref="AheadMax"/> ahead of the wall clock.</summary>
    public bool Merge(HybridTime remote, DateTimeOffset wall)
    {
        if (remote.Milliseconds > wall.ToUnixTimeMilliseconds() + (long)AheadMax.TotalMilliseconds) return false;
        if (remote.CompareTo(_latest) > 0) _latest = remote;
        return true;
    }
}
