using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>The time as the engine's driver sees it.</summary>
/// <param name="Elapsed">Monotonic, since the engine or its node started, the same for all engines of a node; decides when things happen.</param>
/// <param name="Wall">Wall clock; written into events and receipts for display, decides nothing.</param>
public readonly record struct EngineTime(TimeSpan Elapsed, DateTimeOffset Wall);

/// <summary>Everything that can happen to an engine.</summary>
public abstract record GossipInput
{
    private GossipInput()
    {
    }

    /// <summary>Time passed. Due rounds start, reservations run out. The engine says when it wants the next one.</summary>
    public sealed record Tick : GossipInput;

    /// <summary>The agent wants events written, in order and together. They wait until the store is ready for a batch.</summary>
    /// <param name="Token">Chosen by the driver, from 1; comes back in <see cref="GossipEffect.Appended"/> or <see cref="GossipEffect.AppendRefused"/>.</param>
    /// <param name="Drafts">At least one, each validated.</param>
    /// <param name="ExpectedHead">When set, refuse unless the agent's chain ends at this sequence when the batch is made.</param>
    public sealed record Append(long Token, ImmutableArray<EventDraft> Drafts, long? ExpectedHead = null) : GossipInput
    {
        /// <summary>Recorded histories whose <see cref="RecordedChains.Spawn"/>, in this order, are the last drafts. Their chains are delivered
        /// in the same batch, with receipts of mode <see cref="Provenance.DeliveryMode.Imported"/>. None by default.</summary>
        public ImmutableArray<RecordedChains> Histories { get; init; } = [];
    }

    /// <summary>No commit of this node is under way: hand over what is waiting.</summary>
    public sealed record FormBatch : GossipInput;

    /// <summary>The batch handed over last survived its commit: it may now be advertised, sent and acknowledged.</summary>
    public sealed record Committed : GossipInput;

    /// <summary>The answer to <see cref="GossipEffect.ReadFork"/>. The engine writes a <see cref="Events.Catalogue.ForkDetected"/> with its next batch.</summary>
    /// <param name="A">The segment that holds the one record.</param>
    /// <param name="B">The segment that holds the other.</param>
    /// <param name="Sequence">Of both records.</param>
    public sealed record ForkRead(Segment A, Segment B, long Sequence) : GossipInput;

    /// <summary>Another agent calls. Answered by <see cref="GossipEffect.Respond"/> with the same id, in the same step.</summary>
    /// <param name="CallId">Chosen by the driver.</param>
    /// <param name="From">Who calls.</param>
    /// <param name="Local">True when it is hosted on the same node.</param>
    /// <param name="Message">Syn, Push or Probe; the node answers Ask itself.</param>
    public sealed record Called(long CallId, AgentId From, bool Local, GossipMessage Message) : GossipInput;

    /// <summary>A call that this engine made was answered.</summary>
    /// <param name="CallId">Of the <see cref="GossipEffect.Call"/>.</param>
    /// <param name="Message">The answer.</param>
    /// <param name="Local">True when the answering agent is hosted on the same node.</param>
    public sealed record Answered(long CallId, GossipMessage Message, bool Local = false) : GossipInput;

    /// <summary>A call that this engine made got no answer.</summary>
    public sealed record CallFailed(long CallId, string Reason) : GossipInput;

    /// <summary>The answer to <see cref="GossipEffect.AskHeads"/>; unanswered ones end with <see cref="CallFailed"/>.</summary>
    /// <param name="CallId">Of the effect.</param>
    /// <param name="Heads">What the asked agent has of this one; need not be true, since it proves itself.</param>
    public sealed record HeadsTold(long CallId, ImmutableArray<SignedHead> Heads) : GossipInput;

    /// <summary>The lease survives power loss: numbers up to <paramref name="Through"/> may be used.</summary>
    public sealed record Leased(int Epoch, long Through) : GossipInput;

    /// <summary>The lease could not be written.</summary>
    public sealed record LeaseFailed(string Reason) : GossipInput;

    /// <summary>Stop exchanging with these peers, in both directions; with all when none are named.</summary>
    public sealed record Pause(ImmutableArray<AgentId> Peers) : GossipInput;

    /// <summary>Undo <see cref="Pause"/> for these peers; for all when none are named.</summary>
    public sealed record Resume(ImmutableArray<AgentId> Peers) : GossipInput;
}
