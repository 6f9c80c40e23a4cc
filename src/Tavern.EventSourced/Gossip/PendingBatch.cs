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
    private readonly Dictionary<(AgentId Peer, ReceiptOutcome Outcome), Receipt> _failures = [];
    private readonly HashSet<(AgentId Peer, ReceiptOutcome Outcome)> _changed = [];
    private long _lastReceipt = lastReceipt;
    private bool _isNewFailure;

    /// <summary>True when a commit is called for. Repeated failures alone wait for one.</summary>
    public bool IsWaiting => _admitted.Count > 0 || _isNewFailure;

    /// <summary>Adds segments that were admitted.</summary>
    public void Add(IEnumerable<AdmittedSegment> admitted) => _admitted.AddRange(admitted);

    /// <summary>Counts a failed or refused exchange into the row of its kind.</summary>
    public void AddFailure(AgentId peer, ReceiptOutcome outcome, ulong exchange, DeliveryMode mode, DateTimeOffset at, string detail)
    {
        var key = (peer, outcome);
        _changed.Add(key);
        if (_failures.TryGetValue(key, out var row) && row.Detail == detail)
        {
            _failures[key] = row with { At = at, Exchange = exchange, Count = row.Count + 1 };
            return;
        }

        _failures[key] = new Receipt(agent, ++_lastReceipt, peer, exchange, mode, at, 0, outcome, detail);
        _isNewFailure = true;
    }

    /// <summary>Later failures with this peer are a new row: something worked in between.</summary>
    public void EndFailures(AgentId peer)
    {
        foreach (var key in _failures.Keys)
            if (key.Peer == peer && !_changed.Contains(key)) _failures.Remove(key);
    }

    /// <summary>Hands over what waits, with the own segments after it, and starts empty again.</summary>
    /// <param name="own">Own segments; they depend on all that was admitted before.</param>
    /// <param name="logLength">Length of the agent's log before this batch.</param>
    public (StoreBatch Batch, ImmutableArray<SegmentEntry> Entries) Take(IReadOnlyList<(Segment Segment, SegmentEntry Entry)> own, long logLength)
    {
        var segments = ImmutableArray.CreateBuilder<StoredSegment>(_admitted.Count + own.Count);
        var entries = ImmutableArray.CreateBuilder<SegmentEntry>(_admitted.Count + own.Count);
        var receipts = ImmutableArray.CreateBuilder<Receipt>();
        var runs = new List<Run>();
        foreach (var (segment, entry, hop, origin) in _admitted)
        {
            if (origin.Receipt == 0)
            {
                origin.Receipt = ++_lastReceipt;
                receipts.Add(new Receipt(agent, origin.Receipt, origin.Peer, origin.Exchange, origin.Mode, origin.At, origin.Bytes, ReceiptOutcome.Delivered));
            }

            Deliver(segment, entry, hop + 1, origin.Receipt);
        }

        foreach (var (segment, entry) in own) Deliver(segment, entry, 0, 0);
        receipts.AddRange(_changed.Order().Select(key => _failures[key]));
        _admitted.Clear();
        _changed.Clear();
        _isNewFailure = false;
        return (new StoreBatch { Segments = segments.DrainToImmutable(), Runs = [.. runs], Receipts = receipts.DrainToImmutable() }, entries.DrainToImmutable());

        void Deliver(Segment segment, SegmentEntry entry, int hop, long receipt)
        {
            segments.Add(new StoredSegment(segment, entry.Verified));
            entries.Add(entry);
            if (runs.Count > 0 && runs[^1] is var run && run.Chain == segment.Chain && run.Last + 1 == segment.First && run.Hop == hop && run.Receipt == receipt)
                runs[^1] = run with { Last = segment.Last };
            else
                runs.Add(new Run(agent, runs.Count == 0 ? logLength + 1 : runs[^1].LastPosition + 1, segment.Chain, segment.First, segment.Last, hop, receipt));
        }
    }
}
