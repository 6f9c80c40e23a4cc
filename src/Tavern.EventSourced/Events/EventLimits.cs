namespace Tavern.EventSourced.Events;

/// <summary>What may travel, by size alone. Larger is refused with the limit named.</summary>
public static class EventLimits
{
    /// <summary>Largest payload, in bytes: a document, not a file. Such a record is a segment of its own.</summary>
    public const int PayloadBytesMax = 1024 * 1024;

    /// <summary>Largest header, in bytes: room for about 2,000 dependencies.</summary>
    public const int HeaderBytesMax = 64 * 1024;

    /// <summary>A segment is closed by a signature before it outgrows this many bytes, unless one record alone does: what a
    /// receiver must buffer before it can check anything stays small.</summary>
    public const int SegmentBytesMax = 64 * 1024;

    /// <summary>Longest event type name, in characters.</summary>
    public const int TypeCharsMax = 128;

    /// <summary>Longest traceparent, in characters: version 00 has 55, the rest is room for its successors (W3C Trace Context).</summary>
    public const int TraceParentCharsMax = 256;

    /// <summary>Most causes one event may declare.</summary>
    public const int CausesMax = 256;
}
