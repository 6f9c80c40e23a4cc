using System.Collections.Immutable;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Events;

/// <summary>Numbers, links and signs one agent's own events. Pure: what it returns exists only once it is committed.</summary>
public sealed class ChainWriter(Hash? tavern, ChainId chain, IAgentSigner signer)
{
    /// <summary>Makes the segments for a batch of drafts: one signature at its end and at least one per 64 KiB.</summary>
    /// <param name="drafts">At least one, in order.</param>
    /// <param name="head">Sequence of the chain's last record, 0 for none.</param>
    /// <param name="headHash">Its hash; for a new chain the hash of the event that vouches for it.</param>
    /// <param name="dependencies">Heads of what was delivered since the chain's last segment, with their hashes.</param>
    /// <param name="times">One timestamp per draft.</param>
    public ImmutableArray<Segment> Write(
        IReadOnlyList<EventDraft> drafts,
        long head,
        Hash headHash,
        IReadOnlyList<(EventId Head, Hash Hash)> dependencies,
        IReadOnlyList<HybridTime> times)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(times.Count, drafts.Count);
        var segments = ImmutableArray.CreateBuilder<Segment>();
        var records = ImmutableArray.CreateBuilder<EventRecord>();
        var (bytes, previous, deps, named) = (0, headHash, DependenciesOf(dependencies), tavern);
        for (var i = 0; i < drafts.Count; i++)
        {
            var draft = drafts[i];
            var header = new EventHeader(
                chain[head + 1 + i], previous, times[i], draft.Type, draft.TypeVersion, draft.Causes, draft.TraceParent,
                Hash.Of(draft.Payload.Span), deps);
            var record = EventRecord.Create(header, draft.Payload);
            named ??= record.Hash; // the record that founds a tavern names it: its own hash is the tavern's id
            if (records.Count > 0 && bytes + record.Bytes > EventLimits.SegmentBytesMax)
            {
                segments.Add(Close(records, named!.Value));
                bytes = 0;
            }

            records.Add(record);
            bytes += record.Bytes;
            previous = record.Hash;
            deps = null;
        }

        segments.Add(Close(records, named!.Value));
        return segments.DrainToImmutable();
    }

    /// <summary>Dependencies with the hashes that pin them, sorted; null for none.</summary>
    public static Dependencies? DependenciesOf(IReadOnlyList<(EventId Head, Hash Hash)> heads)
    {
        if (heads.Count == 0) return null;
        var sorted = heads.Select(head => (Head: head.Head.Main, Hash: head.Hash.Prefix)).Order().ToList();
        return new Dependencies([.. sorted.Select(head => head.Head)], [.. sorted.Select(head => head.Hash)]);
    }

    private Segment Close(ImmutableArray<EventRecord>.Builder records, Hash tavernId)
    {
        var last = records[^1];
        var signature = signer.Sign(Segment.SignedContent(tavernId, last.Id, last.Hash));
        return new Segment(records.DrainToImmutable(), signature);
    }
}
