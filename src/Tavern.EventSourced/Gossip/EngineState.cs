using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The parts of one engine, shared by those of its pieces that act on them.</summary>
internal sealed class EngineState
{
    private long _lastCall;

    public EngineState(GossipOptions options, EngineStart start, SegmentIndex index, IAgentSigner signer, ISignatureVerifier verifier, NodeShare node)
    {
        (Options, Start, Index, Node) = (options, start, index, node);
        Random = new SplitMix64(start.Seed);
        var terms = new ClockTerms(start.Tavern, start.Mutations.WithoutHeadHash);
        Delivered = new DeliveredClock(terms);
        HoldBack = new HoldBack(options.HoldBackBytesMax);
        Intake = new SegmentIntake(start.Tavern, index, verifier, HoldBack);
        Comparison = new ClaimComparison(terms, index);
        Wants = new WantPlanner(terms, index, Intake, HoldBack, Comparison);
        Forks = new ForkWatch(Intake, index, Delivered);
        Own = new OwnChain(start, index, Intake, Forks, signer, verifier);
        Pending = new PendingBatch(start.Agent, start.LastReceipt);
        Peers = new PeerTable(Random, index, start.Agent, start.Seeds, node) { OnlyAlive = start.Mutations.WithoutCallsToSilentPeers };
        Reservations = new Reservations(options.DefaulterTime, node);
        Rounds = new RoundSchedule(options, Random);
        Guard = new StartGuard(this);
        Failures = new FailureDetector(this);
        Prober = new Prober(this);
        node.Join(this);
    }

    /// <summary>Settings.</summary>
    public GossipOptions Options { get; }

    /// <summary>What the engine was told at its start, without the runs.</summary>
    public EngineStart Start { get; }

    /// <summary>What the node holds.</summary>
    public SegmentIndex Index { get; }

    /// <summary>The engine's only randomness.</summary>
    public SplitMix64 Random { get; }

    /// <summary>What is delivered and committed.</summary>
    public DeliveredClock Delivered { get; }

    /// <summary>What waits for something it depends on.</summary>
    public HoldBack HoldBack { get; }

    /// <summary>Judges what arrives.</summary>
    public SegmentIntake Intake { get; }

    /// <summary>Compares claims of one chain.</summary>
    public ClaimComparison Comparison { get; }

    /// <summary>Finds what to ask for.</summary>
    public WantPlanner Wants { get; }

    /// <summary>Which forks this agent has still to expose.</summary>
    public ForkWatch Forks { get; }

    /// <summary>The agent's own appends.</summary>
    public OwnChain Own { get; }

    /// <summary>Decides when the agent may write, and in which epoch.</summary>
    public StartGuard Guard { get; }

    /// <summary>What the next commit will hold.</summary>
    public PendingBatch Pending { get; }

    /// <summary>Whom to call.</summary>
    public PeerTable Peers { get; }

    /// <summary>What the engines of this node share.</summary>
    public NodeShare Node { get; }

    /// <summary>Who answers and who does not.</summary>
    public FailureDetector Failures { get; }

    /// <summary>Asks others to try a peer that did not answer.</summary>
    public Prober Prober { get; }

    /// <summary>What is asked for.</summary>
    public Reservations Reservations { get; }

    /// <summary>When the next round is due.</summary>
    public RoundSchedule Rounds { get; }

    /// <summary>What the step under way asks of the driver.</summary>
    public List<GossipEffect> Effects { get; } = [];

    /// <summary>All gossip of this agent is paused.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Bytes that may go into one frame.</summary>
    /// <param name="room">What the peer has room for; 0 when it did not say.</param>
    public int FrameBudget(int room) => room > 0 ? Math.Min(Options.FrameBudgetBytes, room) : Options.FrameBudgetBytes;

    /// <summary>A number for the next call.</summary>
    public long NextCallId() => ++_lastCall;

    /// <summary>A peer called or answered: it is there.</summary>
    public void Hear(Peer peer, ulong? incarnation, ImmutableArray<Rumour> rumours, EngineTime now)
    {
        Prober.IsHeard(peer);
        Failures.IsHeard(peer, incarnation, now.Wall);
        Failures.Hear(rumours, now);
    }

    /// <summary>Takes note of a peer's incarnation; what is remembered of an earlier one is dropped. True when it is a new one.</summary>
    public bool Meet(Peer peer, ulong incarnation)
    {
        if (!peer.Meet(incarnation)) return false;
        Reservations.Forgive(peer.Id);
        return true;
    }
}
