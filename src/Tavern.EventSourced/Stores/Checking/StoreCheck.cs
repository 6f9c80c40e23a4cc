using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Stores.Checking;

/// <summary>Checks a store from its rows alone: a fold without input or output of its own, so that every durable store is checked by the
/// same rules. Memory: about 40 bytes per event and 80 per segment; no bodies. One owner.</summary>
/// <remarks>Nothing repeats, and so no check can see a change of: how many hops a run took, and which of several deliveries brought it; who sent
/// a frame, when, in which exchange and how large it was; which key and which request an idempotency entry stands for;
/// where in the log a subscription stands. None of them reaches an event, a log's content, or
/// a view.</remarks>
public sealed class StoreCheck
{
    private readonly ChainTable _chains;
    private readonly SegmentCheck _segments;
    private readonly EventCheck _events;
    private readonly ReceiptCheck _receipts;
    private readonly LogCheck _logs;
    private readonly IdempotencyCheck _keys;
    private readonly PositionCheck _positions;
    private bool _isEnded;

    /// <summary>Begins a check.</summary>
    /// <param name="expected">What the store should belong to.</param>
    /// <param name="verifier">Checks signatures.</param>
    /// <param name="findings">Where findings go.</param>
    public StoreCheck(StoreExpectation expected, ISignatureVerifier verifier, Findings findings)
    {
        _chains = new ChainTable(findings);
        _segments = new SegmentCheck(expected, _chains, verifier, findings);
        _events = new EventCheck(expected, _chains, _segments, findings);
        _receipts = new ReceiptCheck(expected, _chains, findings);
        _logs = new LogCheck(expected, _chains, _receipts, findings);
        _keys = new IdempotencyCheck(_chains, _receipts, findings);
        _positions = new PositionCheck(_chains, _receipts, _logs, findings);
    }

    /// <summary>What is known of each chain.</summary>
    public IReadOnlyDictionary<ChainId, CheckedChain> Chains => _chains.All;

    /// <summary>Records seen.</summary>
    public long Events => _events.Count;

    /// <summary>The highest position of a record.</summary>
    public long LastPosition => _events.LastPosition;

    /// <summary>Positions without a record, below the highest.</summary>
    public IReadOnlyList<(long First, long Last)> Holes => _events.Holes;

    /// <summary>Positions of records that nobody can place.</summary>
    public IReadOnlyList<long> Unplaced => _events.Unplaced;

    /// <summary>The name an agent was spawned with; null when no sound event says so.</summary>
    public string? NameOf(AgentId agent) => _chains.NameOf(agent);

    /// <summary>The agents that a sound event vouches for, with the names they got.</summary>
    public IReadOnlyDictionary<AgentId, string> Names => _chains.Names;

    /// <summary>The addresses an agent announced last; empty for none.</summary>
    public ImmutableArray<string> AddressesOf(AgentId agent) => _chains.AddressesOf(agent);

    /// <summary>What a chain with this first record builds on, as far as it is held and sound.</summary>
    public OriginFinding OriginOf(EventRecord first) => _chains.Origins.Find(first);

    /// <summary>The key a chain is signed with (SubjectPublicKeyInfo); empty when no sound event states it.</summary>
    public ReadOnlyMemory<byte> KeyOf(ChainId chain) => _chains.KeyOf(chain);

    /// <summary>The lines of a chain that rows or events name, by number.</summary>
    public IReadOnlyList<CheckedChain> LinesOf(ChainId id) => [.. _chains.LinesOf(id)];

    /// <summary>The line on which a record with this place and this start of its hash is, or was before it was damaged; null for none.</summary>
    public EventId? FindHeld(EventId id, UInt128 hashPrefix) => _chains.FindHeld(id, hashPrefix);

    /// <summary>The chain of events that came from elsewhere, whether or not any of it is held.</summary>
    public CheckedChain Chain(ChainId id) => _chains.Ensure(id);

    /// <summary>What is wrong with the values of a receipt; null for nothing.</summary>
    public string? FlawOf(StoredRow.Receipt receipt) => _receipts.Flaw(receipt);

    /// <summary>Takes a row. Tables come in the order of <see cref="StoredRow"/>'s cases, rows by their keys.</summary>
    public void Add(StoredRow row)
    {
        if (row is not StoredRow.Event and not StoredRow.Chain and not StoredRow.Holder) _segments.Interrupt();
        switch (row)
        {
            case StoredRow.Chain chain:
                _chains.Add(chain);
                break;
            case StoredRow.Holder holder:
                _receipts.Add(holder);
                break;
            case StoredRow.Event record:
                _events.Add(record);
                break;
            case StoredRow.Segment segment:
                _segments.Add(segment);
                break;
            case StoredRow.Receipt receipt:
                _receipts.Add(receipt);
                break;
            case StoredRow.Run run:
                _logs.Add(run);
                break;
            case StoredRow.Idempotency key:
                _keys.Add(key);
                break;
            case StoredRow.Subscription position:
                _positions.Add(position);
                break;
        }
    }

    /// <summary>Says that there are no more rows. Call it once.</summary>
    public void End()
    {
        if (_isEnded) throw new InvalidOperationException("A check ends once.");
        _isEnded = true;
        _segments.Interrupt();
        _segments.End();
        _events.End();
        _logs.End();
        _receipts.End();
        _chains.End();
    }
}
