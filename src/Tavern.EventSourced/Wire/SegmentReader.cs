using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Wire;

/// <summary>Reads the segments of a frame. One that cannot be read is reported and does not cost the others.</summary>
internal static class SegmentReader
{
    public static (ImmutableArray<FrameSegment> Frame, ImmutableArray<string> Unreadable) Read(ICollection<Format.Segment> segments)
    {
        var frame = ImmutableArray.CreateBuilder<FrameSegment>(segments.Count);
        var unreadable = ImmutableArray.CreateBuilder<string>();
        foreach (var segment in segments)
        {
            try
            {
                frame.Add(Read(segment));
            }
            catch (MalformedRecordException e)
            {
                unreadable.Add(e.Message);
            }
        }

        return (frame.DrainToImmutable(), unreadable.DrainToImmutable());
    }

    private static FrameSegment Read(Format.Segment message)
    {
        if (message.Records.Count > WireLimits.RecordsMax)
            throw new MalformedRecordException($"A segment has {message.Records.Count} records; the limit is {WireLimits.RecordsMax}.");
        if (message.Signature.Length > WireLimits.SignatureBytesMax)
            throw new MalformedRecordException($"A signature has {message.Signature.Length} bytes; the limit is {WireLimits.SignatureBytesMax}.");
        var segment = new Segment(
            [.. message.Records.Select(record => EventRecord.Parse(record.Header.Memory, record.Payload.Memory))], message.Signature.Memory);
        // Whoever forwards a segment chooses this number: it must never be a reason to refuse what its author signed.
        return new FrameSegment(segment, (int)Math.Min(message.Hop, WireLimits.HopMax));
    }
}
