using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An agent this node hosts: its engine and what the loop remembers about it. Owned by the loop.</summary>
internal sealed class HostedAgent : IDisposable
{
    private readonly EcdsaSigner _signer;
    private readonly GossipEngine _engine;
    private readonly TimeProvider _time;
    private readonly long _nodeStarted;
    private readonly Dictionary<ChainId, long> _heads = [];

    public HostedAgent(AgentId id, EcdsaSigner signer, GossipEngine engine, IReadOnlyList<Run> log, TimeProvider time, long nodeStarted)
    {
        (Id, _signer, _engine, _time, _nodeStarted) = (id, signer, engine, time, nodeStarted);
        Delivered(log);
    }

    public AgentId Id { get; }

    /// <summary>Number of events in the agent's log.</summary>
    public long LogLength { get; private set; }

    /// <summary>When the engine wants its next tick, since the node's start; null for never.</summary>
    public TimeSpan? WakeAt { get; set; }

    /// <summary>True when something may be waiting for a commit.</summary>
    public bool MayHaveBatch { get; set; }

    /// <summary>The announcement of this node's address that was tried last, null before.</summary>
    public PendingAppend? Announcement { get; set; }

    /// <summary>Time since the node started: one clock for all its engines.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_nodeStarted);

    /// <summary>Gives the engine one input.</summary>
    public IReadOnlyList<GossipEffect> Step(GossipInput input)
    {
        MayHaveBatch = input is not GossipInput.FormBatch; // any other input may leave something that waits for a commit
        return _engine.Step(input, Now);
    }

    /// <summary>True while what it is to write has to wait: whether its log is complete is still being found out.</summary>
    public bool HoldsAppends => _engine.HoldsAppends;

    /// <summary>A later epoch that the agent has begun elsewhere; null when there is none.</summary>
    public int? EpochElsewhere => _engine.EpochElsewhere;

    /// <summary>The last such epoch that people were told of.</summary>
    public int? ToldElsewhere { get; set; }

    /// <summary>The engine's picture of itself.</summary>
    public EngineStatus Status() => _engine.Status(Now);

    /// <summary>Takes note of what the agent has delivered.</summary>
    public void Delivered(IEnumerable<Run> runs)
    {
        foreach (var run in runs) (_heads[run.Chain], LogLength) = (run.Last, run.LastPosition);
    }

    /// <summary>The last sequence of a chain that the agent has delivered, 0 for none.</summary>
    public long HeadOf(ChainId chain) => _heads.GetValueOrDefault(chain);

    /// <summary>The agent's chains that it has delivered something of, by epoch, latest first.</summary>
    public IEnumerable<ChainId> ChainsOf(AgentId agent) =>
        _heads.Keys.Where(chain => chain.Agent == agent).OrderByDescending(chain => chain.Epoch);

    /// <inheritdoc/>
    public void Dispose() => _signer.Dispose();

    private EngineTime Now => new(Elapsed, _time.GetUtcNow());
}
