using Tavern.EventSourced.Events;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What a decoded body takes in memory while a cache holds it: for a small record three times what it has on the wire. A test holds
/// these figures against what the runtime says.</summary>
internal static class CachedBytes
{
    private const int RecordBytes = 560; // record, decoded header, arrays' own headers, and its place in a cache, which doubles when full
    private const int SegmentBytes = 280; // segment, its list, signature, and its place in a cache
    private const int EventIdBytes = 32;

    /// <summary>Of a record, in bytes.</summary>
    public static long Of(EventRecord record)
    {
        var bytes = RecordBytes + record.Bytes + record.Header.Causes.Length * EventIdBytes;
        return record.Header.Deps is { } deps ? bytes + deps.Heads.Length * (EventIdBytes + Dependencies.HashBytes) : bytes;
    }

    /// <summary>Of a segment with its records, in bytes.</summary>
    public static long Of(Segment segment)
    {
        long bytes = SegmentBytes;
        foreach (var record in segment.Records) bytes += Of(record);
        return bytes;
    }
}
