using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Puts bodies into a planned message. Runs beside the loop; safe for concurrent use.</summary>
internal sealed class FrameReader(Hash tavern, IEventStore store, SegmentCache cache, PeerBook peers, SharedVerifier verifier, Action<string> tell)
{
    private readonly ConcurrentDictionary<EventId, ValueTuple> _damaged = [];

    /// <summary>Reads the segments of a plan, and the entries whose signatures were checked on the way. The frame ends early where
    /// a line would end in a signature that is wrong, and before a record that is not what it was when it was delivered: nobody else could build on it.</summary>
    public async ValueTask<(GossipMessage.Push Message, ImmutableArray<SegmentEntry> Verified)> ReadAsync(PushPlan plan, CancellationToken cancellationToken)
    {
        var frame = new List<FrameSegment>(plan.Segments.Length);
        for (var i = 0; i < plan.Segments.Length; i++)
        {
            var (entry, hop) = plan.Segments[i];
            if (!cache.TryGet(entry.Chain[entry.First], out var segment))
            {
                await LoadAsync(plan.Segments, i, cancellationToken).ConfigureAwait(false);
                segment = await FindAsync(entry, cancellationToken).ConfigureAwait(false);
            }

            if (segment is null) break; // what follows may need it
            frame.Add(new FrameSegment(segment, hop));
        }

        var verified = EndInCheckedSignatures(plan.Segments, frame);
        return (plan.Fill([.. frame]), verified);
    }

    /// <summary>Reads what the frame takes of the same chain with one query; the cache holds it for the next steps.</summary>
    private async ValueTask LoadAsync(ImmutableArray<PlannedSegment> planned, int from, CancellationToken cancellationToken)
    {
        var (first, last) = (planned[from].Entry, planned[from].Entry);
        foreach (var (entry, _) in planned.AsSpan()[(from + 1)..])
            if (entry.Chain == first.Chain) last = entry;
        if (last == first) return;
        await foreach (var stored in store.ReadChainAsync(first.Chain, first.First, last.Last, cancellationToken).ConfigureAwait(false))
            if (IsSound(stored.Segment)) cache.Add(stored.Segment);
    }

    /// <summary>Null when it is damaged.</summary>
    private async ValueTask<Segment?> FindAsync(SegmentEntry entry, CancellationToken cancellationToken)
    {
        if (cache.TryGet(entry.Chain[entry.First], out var segment)) return segment;
        await foreach (var stored in store.ReadChainAsync(entry.Chain, entry.First, entry.Last, cancellationToken).ConfigureAwait(false))
        {
            if (!IsSound(stored.Segment)) return null;
            cache.Add(stored.Segment);
            return stored.Segment;
        }

        throw new InvalidOperationException($"Segment {entry.Chain[entry.First]}..{entry.Last} is indexed but not in the store.");
    }

    /// <summary>True when every record read from the store is the one that was delivered. A start does not look: that would be two hashes for each record.</summary>
    private bool IsSound(Segment segment)
    {
        foreach (var record in segment.Records)
        {
            if (Hash.Of(record.Payload.Span) == record.Header.PayloadHash && Hash.Of(record.HeaderBytes.Span) == record.Hash) continue;
            if (_damaged.TryAdd(record.Id, default))
                tell($"Event {record.Id} is damaged in the store here, so it is not sent on: its bytes are not those that were delivered. Stop the node; tavern fsck says what is wrong, and repairs what other agents have.");
            return false;
        }

        return true;
    }

    private ImmutableArray<SegmentEntry> EndInCheckedSignatures(ImmutableArray<PlannedSegment> planned, List<FrameSegment> frame)
    {
        var verified = ImmutableArray.CreateBuilder<SegmentEntry>();
        for (var again = true; again;)
        {
            again = false;
            var followed = new HashSet<Hash>();
            for (var i = frame.Count - 1; i >= 0; i--)
            {
                var entry = planned[i].Entry;
                followed.Add(frame[i].Segment.Records[0].Header.Previous);
                if (followed.Contains(frame[i].Segment.HeadHash) || entry.Verified || verified.Contains(entry)) continue;
                if (IsSigned(frame[i].Segment))
                {
                    verified.Add(entry);
                    continue;
                }

                // What follows may need it, so the frame ends here; other chains may now end lower, in signatures to check.
                frame.RemoveRange(i, frame.Count - i);
                again = true;
                break;
            }
        }

        return verified.DrainToImmutable();
    }

    private bool IsSigned(Segment segment) =>
        peers.Keys.TryGetKey(segment.Chain, out var key) && segment.IsSignedBy(key.Span, tavern, verifier);
}
