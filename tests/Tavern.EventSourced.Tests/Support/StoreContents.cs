using Tavern.EventSourced.Events;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Everything a store holds, in lines that can be compared and read in a failure message.</summary>
internal static class StoreContents
{
    public static async Task<string> DescribeAsync(IEventStore store)
    {
        List<string> lines = [];
        await foreach (var segment in store.ReadSegmentsAsync(default)) lines.Add(Describe(segment));
        await foreach (var holder in store.ReadHoldersAsync(default))
        {
            lines.Add($"holder {holder}");
            await foreach (var run in store.ReadRunsAsync(holder, 0, default)) lines.Add(run.ToString());
            await foreach (var receipt in store.ReadReceiptsAsync(holder, 0, default)) lines.Add(receipt.ToString());
            await foreach (var position in store.ReadPositionsAsync(holder, default)) lines.Add(position.ToString());
        }

        return string.Join('\n', lines);
    }

    /// <summary>What a store should hold, from the facts themselves.</summary>
    public static string Describe(IEnumerable<StoredSegment> segments, IEnumerable<Run> runs, IEnumerable<Receipt> receipts)
    {
        var lines = segments.Select(Describe).ToList();
        foreach (var log in runs.GroupBy(run => run.Holder).OrderBy(log => log.Key))
        {
            lines.Add($"holder {log.Key}");
            lines.AddRange(log.OrderBy(run => run.Position).Select(run => run.ToString()));
            lines.AddRange(receipts.Where(receipt => receipt.Holder == log.Key).OrderBy(receipt => receipt.Number)
                .Select(receipt => receipt.ToString()));
        }

        return string.Join('\n', lines);
    }

    public static string Describe(EventRecord record) =>
        $"{record.Id} {record.Hash} {Convert.ToHexString(record.HeaderBytes.Span)} {Convert.ToHexString(record.Payload.Span)}";

    private static string Describe(StoredSegment stored) =>
        $"{stored.Segment.Chain[stored.Segment.First]}..{stored.Segment.Last} verified={stored.Verified}"
        + $" {Convert.ToHexString(stored.Segment.Signature.Span)}\n  "
        + string.Join("\n  ", stored.Segment.Records.Select(Describe));
}
