using System.Collections.Frozen;
using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Simulation.Checks;

/// <summary>Which records a log holds, by the first 16 bytes of their hashes, so without any word of the engine that is checked.
/// Two logs hold the same when number and sum are equal.</summary>
/// <param name="founding">The records that every log starts with, shared by all.</param>
internal sealed class LogContents(FrozenSet<UInt128> founding)
{
    private readonly HashSet<UInt128> _records = [];
    private bool _isFounded;

    /// <summary>Number of records.</summary>
    public int Count => _records.Count + (_isFounded ? founding.Count : 0);

    /// <summary>Sum over the records that are not of the founding.</summary>
    public UInt128 Sum { get; private set; }

    /// <summary>The records of a founding.</summary>
    public static FrozenSet<UInt128> FoundingOf(IEnumerable<Segment> segments) =>
        segments.SelectMany(segment => segment.Records).Select(record => record.Hash.Prefix).ToFrozenSet();

    /// <summary>True when the log holds the record.</summary>
    public bool Contains(UInt128 record) => _records.Contains(record) || (_isFounded && founding.Contains(record));

    /// <summary>The log holds all of the founding.</summary>
    public void AddFounding() => _isFounded = true;

    /// <summary>Adds a record; false when the log holds it already.</summary>
    public bool Add(UInt128 record)
    {
        if (_isFounded && founding.Contains(record)) return false;
        if (!_records.Add(record)) return false;
        if (!founding.Contains(record)) Sum = unchecked(Sum + record);
        return true;
    }

    /// <summary>The log is empty again.</summary>
    public void Clear()
    {
        _records.Clear();
        (_isFounded, Sum) = (false, 0);
    }

    /// <summary>True when both logs hold the same records.</summary>
    public bool Equals(LogContents other) => Count == other.Count && Sum == other.Sum;
}
