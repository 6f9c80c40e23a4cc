using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>One consistent look at everything a node holds. Valid only inside <see cref="NodeHistory.ReadAsync"/>.</summary>
public sealed class HistoryReader
{
    private readonly ChainOrigins _origins;
    private readonly IReadOnlyDictionary<AgentId, HeldLog> _logs;
    private readonly EventFold _everything;
    private readonly RecordCache _records;

    internal HistoryReader(
        CausalIndex causality, CauseIndex causes, ChainOrigins origins, IReadOnlyDictionary<AgentId, HeldLog> logs, EventFold everything, RecordCache records,
        HeldLines lines) =>
        (Causality, Causes, _origins, _logs, _everything, _records, Lines) = (causality, causes, origins, logs, everything, records, lines);

    /// <summary>Happens-before among all events of the node, whichever agent delivered them. Do not add to it.</summary>
    public CausalIndex Causality { get; }

    /// <summary>Which events of the node declare which as causes. Do not add to it.</summary>
    public CauseIndex Causes { get; }

    /// <summary>Which lines of forked chains hashes mean.</summary>
    public HeldLines Lines { get; }

    /// <summary>The agents whose logs are here, sorted.</summary>
    public IEnumerable<AgentId> Holders => _logs.Keys;

    /// <summary>What an agent believes: the fold of all it has delivered.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public TavernView View(AgentId observer) => Fold(observer).State;

    /// <summary>The same, with the events that made the fold throw.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public FoldResult<TavernView> Fold(AgentId observer)
    {
        var log = LogOf(observer);
        // A log that is as long as everything is everything: agents that agree share one fold.
        return (log.Length == _everything.Count ? _everything : log.Fold).Read(Record);
    }

    /// <summary>What anyone believes who has delivered exactly this cut. Costs a pass over the order of all events held (12 bytes each),
    /// and folding from the last checkpoint before the first event that the cut lacks: about twice as many events as it lies back,
    /// some 2 us each. Everybody else who reads waits meanwhile; see <see cref="NodeOptions.PeersFoldMax"/>.</summary>
    /// <exception cref="CausalGapException">The cut is not causally closed, or names events that are not held.</exception>
    public TavernView ViewAt(VectorClock cut) => FindViewAt(cut, int.MaxValue)!;

    /// <summary>The same; null when more than <paramref name="foldMax"/> events would have to be folded again.</summary>
    /// <exception cref="CausalGapException">The cut is not causally closed, or names events that are not held.</exception>
    internal TavernView? FindViewAt(VectorClock cut, int foldMax)
    {
        _everything.Read(Record); // leaves the checkpoints that a cut starts from
        return _everything.ReadAt(cut, foldMax, Record)?.State;
    }

    /// <summary>All that an agent has delivered.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public VectorClock Clock(AgentId holder) => LogOf(holder).Clock;

    /// <summary>True when an agent has delivered an event.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public bool HasDelivered(AgentId holder, EventId id) => LogOf(holder).Covers(id);

    /// <summary>Number of events in an agent's log.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public long LogLength(AgentId holder) => LogOf(holder).Length;

    /// <summary>Runs of an agent's log, by position, from the one that holds position <paramref name="from"/> (from 1) on.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public IReadOnlyList<Run> Runs(AgentId holder, long from, int limit) => LogOf(holder).Runs(from, limit);

    /// <summary>The event in an agent's log that vouches for another, the first of several; null when it has delivered none.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public EventId? VoucherOf(AgentId holder, AgentId agent) => LogOf(holder).VoucherOf(agent);

    /// <summary>The key that a held chain is signed with; null when the chain is not held.</summary>
    public ReadOnlyMemory<byte>? KeyOf(ChainId chain) => _origins.Of(chain)?.PublicKey;

    /// <summary>An agent's latest failure per peer and outcome: why it has not heard.</summary>
    /// <exception cref="AgentNotHostedException">Its log is not here.</exception>
    public IReadOnlyCollection<Receipt> Failures(AgentId holder) => LogOf(holder).Failures;

    /// <summary>True when the node holds the event, for any of its agents.</summary>
    public bool Contains(EventId id) => Causality.Contains(id);

    /// <summary>A held event; recently used ones come from memory, others from the store.</summary>
    /// <exception cref="KeyNotFoundException">It is not held.</exception>
    public EventRecord Record(EventId id) => Contains(id) ? _records.Read(id) : throw new KeyNotFoundException($"Event {id} is not held on this node.");

    private HeldLog LogOf(AgentId holder) => _logs.TryGetValue(holder, out var log) ? log : throw new AgentNotHostedException(holder);
}
