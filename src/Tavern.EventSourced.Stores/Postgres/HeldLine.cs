using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Postgres;

/// <summary>What the writer knows of one line of a chain: its ends, and what the commit under way adds to it.</summary>
internal sealed class HeldLine(ChainId id, int key)
{
    public ChainId Id { get; } = id;

    /// <summary>Its number in the database.</summary>
    public int Key { get; } = key;

    /// <summary>Lowest held sequence; above 1 only on a branch.</summary>
    public long First { get; set; } = 1;

    /// <summary>The hash that its first record names as the one before.</summary>
    public Hash Previous { get; set; }

    /// <summary>Highest held sequence, 0 for none.</summary>
    public long Head { get; set; }

    public Hash HeadHash { get; set; }

    /// <summary>Segments that are not committed yet, each with the position of its first record.</summary>
    public List<(Segment Segment, long Position)> Pending { get; } = [];

    public bool Holds(long sequence) => sequence >= First && sequence <= Head;
}

/// <summary>A record that is held, and the segment it is in.</summary>
/// <param name="Sequence">Within its chain.</param>
/// <param name="Hash">Of the record.</param>
/// <param name="Position">In the order of delivery.</param>
/// <param name="First">First sequence of its segment.</param>
/// <param name="Last">Last sequence of its segment.</param>
internal readonly record struct HeldRecord(long Sequence, Hash Hash, long Position, long First, long Last);
