using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The log of one hosted agent as readers see it: its runs, its clock, and the fold over it. One owner.</summary>
internal sealed class HeldLog(CausalIndex causality)
{
    private readonly List<Run> _runs = [];
    private readonly Dictionary<ChainId, long> _heads = [];
    private readonly Dictionary<AgentId, EventId> _vouchers = [];
    private readonly Dictionary<(AgentId Peer, ReceiptOutcome Outcome), Receipt> _failures = [];

    /// <summary>The fold over the log.</summary>
    public EventFold Fold { get; } = new(causality);

    /// <summary>Number of events.</summary>
    public long Length => _runs.Count == 0 ? 0 : _runs[^1].LastPosition;

    /// <summary>All that was delivered.</summary>
    public VectorClock Clock => VectorClock.Of(_heads.Select(head => new ClockEntry(head.Key, head.Value)));

    /// <summary>Appends a run.</summary>
    public void Add(Run run)
    {
        _runs.Add(run);
        _heads[run.Chain] = run.Last;
    }

    /// <summary>The latest failure per peer and outcome.</summary>
    public IReadOnlyCollection<Receipt> Failures => _failures.Values;

    /// <summary>Adds a delivered event, after its run: of one chain in order, of several in any.</summary>
    public void Add(EventRecord record)
    {
        Fold.Add(record);
        if (Voucher.From(record) is { } voucher) _vouchers.TryAdd(voucher.Agent, voucher.Event);
    }

    /// <summary>Takes note of a receipt.</summary>
    public void Add(Receipt receipt)
    {
        if (receipt.Outcome is not ReceiptOutcome.Delivered) _failures[(receipt.Peer, receipt.Outcome)] = receipt;
    }

    /// <summary>The event that vouches for an agent, the first of several; null when there is none in the log.</summary>
    public EventId? VoucherOf(AgentId agent) => _vouchers.TryGetValue(agent, out var voucher) ? voucher : null;

    /// <summary>True when the agent has delivered the event.</summary>
    public bool Covers(EventId id) => _heads.GetValueOrDefault(id.Chain) >= id.Sequence && causality.FirstOf(id.Chain) <= id.Sequence;

    /// <summary>At most so many runs, from the one that holds a position on.</summary>
    public IReadOnlyList<Run> Runs(long from, int limit)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runs[middle].LastPosition < from) low = middle + 1;
            else high = middle;
        }

        return _runs.GetRange(low, Math.Min(limit, _runs.Count - low));
    }
}
