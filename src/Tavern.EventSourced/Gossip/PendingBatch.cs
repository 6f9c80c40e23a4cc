using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Gossip;

/// <summary>What the next commit of an agent will hold: segments admitted and failures to record, in the order they came.</summary>
internal sealed class PendingBatch(AgentId agent, long lastReceipt)
{
    private readonly List<AdmittedSegment> _admitted = [];
    private const long BytesMax = 16 * 1024 * 1024; // some dozens of frames: a commit that is slow is not yet a store that is down

    private readonly Dictionary<FailureKey, Receipt> _failures = [];
    private readonly SortedDictionary<long, Receipt> _changed = [];
    private long _lastReceipt = lastReceipt;
    private long _bytes;
    private bool _isNewFailure;

    /// <summary>True when a commit is called for. Repeated failures alone wait for one.</summary>
    public bool IsWaiting => _admitted.Count > 0 || _isNewFailure;

    /// <summary>True when so much waits that no more is to be taken in: commits cannot keep up.</summary>
    public bool IsFull => _bytes >= BytesMax;

    /// <summary>Bytes that may be taken in until then.</summary>
    public long Room => BytesMax - _bytes;

    /// <summary>Adds segments that were admitted.</summary>
    public void Add(IReadOnlyList<AdmittedSegment> admitted)
    {
        _admitted.AddRange(admitted);
        foreach (var item in admitted) _bytes += item.Body?.Bytes ?? 0;
    }

    /// <summary>Counts a failed or refused exchange into the row of its kind: one per peer and outcome, and for a refused segment per chain.
    /// The row tells the latest reason; it is returned as it is now.</summary>
    public Receipt AddFailure(AgentId peer, ReceiptOutcome outcome, ChainId? chain, ulong exchange, DeliveryMode mode, DateTimeOffset at, string detail)
    {
        var key = new FailureKey(peer, outcome, chain);
        _isNewFailure |= !_failures.TryGetValue(key, out var row);
        _failures[key] = row is null
            ? row = new Receipt(agent, ++_lastReceipt, peer, exchange, mode, at, 0, outcome, detail)
            : row = row with { At = at, Exchange = exchange, Count = row.Count + 1, Detail = detail };
        return _changed[row.Number] = row;
    }

    /// <summary>Later failures with this peer are a new row: something worked in between.</summary>
    public void EndFailures(AgentId peer)
    {
        foreach (var key in _failures.Keys)
            if (key.Peer == peer) _failures.Remove(key);
    }

    /// <summary>Hands over what waits, with the own segments after it, and starts empty again.</summary>
    /// <param name="own">Own segments; they depend on all that was admitted before.</param>
    /// <param name="recorded">Segments of recorded histories; they depend on own ones.</param>
    /// <param name="logLength">Length of the agent's log before this batch.</param>
    public StoreBatch Take(IReadOnlyList<(Segment Segment, SegmentEntry Entry)> own, IReadOnlyList<AdmittedSegment> recorded, long logLength)
    {
        var segments = ImmutableArray.CreateBuilder<StoredSegment>(_admitted.Count + own.Count + recorded.Count);
        var receipts = ImmutableArray.CreateBuilder<Receipt>();
        var runs = new List<Run>();
        foreach (var item in _admitted) Receive(item);
        foreach (var (segment, entry) in own) Deliver(segment, entry, 0, 0);
        foreach (var item in recorded) Receive(item);
        receipts.AddRange(_changed.Values);
        _admitted.Clear();
        _bytes = 0;
        _changed.Clear();
        _isNewFailure = false;
        return new StoreBatch { Segments = segments.DrainToImmutable(), Runs = [.. runs], Receipts = receipts.DrainToImmutable() };

        void Receive(AdmittedSegment item)
        {
            var origin = item.Origin;
            if (origin.Receipt == 0)
            {
                origin.Receipt = ++_lastReceipt;
                receipts.Add(new Receipt(agent, origin.Receipt, origin.Peer, origin.Exchange, origin.Mode, origin.At, origin.Bytes, ReceiptOutcome.Delivered));
            }

            Deliver(item.Body, item.Entry, item.Hop + 1, origin.Receipt);
        }

        void Deliver(Segment? body, SegmentEntry entry, int hop, long receipt)
        {
            if (body is not null) segments.Add(new StoredSegment(body, entry.Verified));
            if (runs.Count > 0 && runs[^1] is var run && run.Chain == entry.Chain && run.Last + 1 == entry.First && run.Hop == hop && run.Receipt == receipt)
                runs[^1] = run with { Last = entry.Last };
            else
                runs.Add(new Run(agent, runs.Count == 0 ? logLength + 1 : runs[^1].LastPosition + 1, entry.Chain, entry.First, entry.Last, hop, receipt));
        }
    }

    private readonly record struct FailureKey(AgentId Peer, ReceiptOutcome Outcome, ChainId? Chain);
}
