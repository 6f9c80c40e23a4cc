using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The log of one hosted agent as readers see it: its runs (32 bytes each), its clock, and the fold over it. One owner.</summary>
internal sealed class HeldLog(AgentId holder, CausalIndex causality)
{
    private readonly List<HeldRun> _runs = [];
    private readonly List<ChainId> _chains = []; // in the order they came
    private readonly Dictionary<ChainId, int> _chainNumbers = [];
    private readonly Dictionary<ChainId, long> _heads = [];
    private readonly Dictionary<AgentId, EventId> _vouchers = [];
    private readonly Dictionary<(AgentId Peer, ReceiptOutcome Outcome), Receipt> _failures = [];

    /// <summary>The fold over the log.</summary>
    public EventFold Fold { get; } = new(causality);

    /// <summary>Number of events.</summary>
    public long Length { get; private set; }

    /// <summary>All that was delivered.</summary>
    public VectorClock Clock => VectorClock.Of(_heads.Select(head => new ClockEntry(head.Key, head.Value)));

    /// <summary>Appends a run.</summary>
    public void Add(Run run)
    {
        if (!_chainNumbers.TryGetValue(run.Chain, out var chain))
        {
            _chainNumbers.Add(run.Chain, chain = _chains.Count);
            _chains.Add(run.Chain);
        }

        _runs.Add(new HeldRun(run.Position, run.Receipt, checked((int)run.First), checked((int)run.Count), chain, run.Hop));
        (_heads[run.Chain], Length) = (run.Last, run.LastPosition);
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
            if (_runs[middle].Position + _runs[middle].Count <= from) low = middle + 1;
            else high = middle;
        }

        return [.. Enumerable.Range(low, Math.Min(limit, _runs.Count - low)).Select(RunAt)];
    }

    private Run RunAt(int index)
    {
        var run = _runs[index];
        return new Run(holder, run.Position, _chains[run.Chain], run.First, run.First + run.Count - 1L, run.Hop, run.Receipt);
    }

    /// <summary>A run without its holder, its chain by number: a third of its size. A chain has fewer than 2^31 events in memory.</summary>
    private readonly record struct HeldRun(long Position, long Receipt, int First, int Count, int Chain, int Hop);
}
