using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Gossip;

/// <summary>A message that the driver still has to put bodies into, read from the store.</summary>
/// <param name="Exchange">The exchange it belongs to.</param>
/// <param name="Segments">Segments to send, in this order.</param>
/// <param name="Wants">As in <see cref="GossipMessage.Push"/>.</param>
/// <param name="More">As in <see cref="GossipMessage.Push"/>.</param>
/// <param name="Room">As in <see cref="GossipMessage.Push"/>.</param>
public sealed record PushPlan(ulong Exchange, ImmutableArray<PlannedSegment> Segments, ImmutableArray<Want> Wants, bool More, int Room = 0)
{
    /// <summary>The message, with the bodies of the segments, or of as many of them as could be sent.</summary>
    public GossipMessage.Push Fill(ImmutableArray<FrameSegment> frame) =>
        new(Exchange, frame, Wants, More || frame.Length < Segments.Length) { Room = Room };
}

/// <summary>A segment to send.</summary>
/// <param name="Entry">Which. When it is the last of its chain in the frame and its signature was not checked yet, the driver checks
/// it first and ends the frame before it when it is wrong.</param>
/// <param name="Hop">Exchanges between the writer and this agent.</param>
public readonly record struct PlannedSegment(SegmentEntry Entry, int Hop);

/// <summary>What an engine asks its driver to do, in order.</summary>
public abstract record GossipEffect
{
    private GossipEffect()
    {
    }

    /// <summary>Call an agent. Exactly one of <paramref name="Message"/> and <paramref name="Plan"/> is set. Ends with
    /// <see cref="GossipInput.Answered"/> or <see cref="GossipInput.CallFailed"/>.</summary>
    public sealed record Call(long CallId, AgentId To, GossipMessage? Message, PushPlan? Plan) : GossipEffect;

    /// <summary>Answer a call. Exactly one of <paramref name="Message"/> and <paramref name="Plan"/> is set.</summary>
    public sealed record Respond(long CallId, GossipMessage? Message, PushPlan? Plan) : GossipEffect;

    /// <summary>Commit this; say <see cref="GossipInput.Committed"/> when it survived. The answer to <see cref="GossipInput.FormBatch"/>;
    /// absent when nothing is waiting. The driver may join the batches of all its agents into one commit, in the order made, and
    /// adds idempotency entries for the appends it knows by token.</summary>
    /// <param name="Batch">Segments, runs and receipts.</param>
    /// <param name="Appends">Which appends it carries, and the events they became.</param>
    public sealed record Commit(StoreBatch Batch, ImmutableArray<AppendedEvents> Appends) : GossipEffect;

    /// <summary>These appends are durable: acknowledge them.</summary>
    public sealed record Appended(ImmutableArray<AppendedEvents> Appends) : GossipEffect;

    /// <summary>An append was refused; nothing of it was written.</summary>
    public sealed record AppendRefused(long Token, AppendRefusal Reason, string Detail) : GossipEffect;

    /// <summary>The agent delivered these runs, in this order, its own included. Views, streams and waiters want to know.</summary>
    public sealed record Delivered(ImmutableArray<Run> Runs) : GossipEffect;

    /// <summary>Ask an agent which heads of this agent's newest epoch it has, with their signatures. Ends with
    /// <see cref="GossipInput.HeadsTold"/> or <see cref="GossipInput.CallFailed"/>.</summary>
    public sealed record AskHeads(long CallId, AgentId To) : GossipEffect;

    /// <summary>Write down, apart from the log and before anything else happens, that numbers up to <paramref name="Through"/> may be used.
    /// Ends with <see cref="GossipInput.Leased"/> or <see cref="GossipInput.LeaseFailed"/>.</summary>
    /// <param name="Epoch">Of which epoch.</param>
    /// <param name="Used">So many are committed.</param>
    /// <param name="Through">The last number that may be used.</param>
    public sealed record Lease(int Epoch, long Used, long Through) : GossipEffect;

    /// <summary>The agent may write from now on.</summary>
    /// <param name="Epoch">In this epoch.</param>
    /// <param name="NewEpochBecause">Why it is a new one, in words that continue "because"; null when the old one goes on.</param>
    public sealed record GuardPassed(int Epoch, string? NewEpochBecause) : GossipEffect;

    /// <summary>The agent was invited, but has written on another store already: it may not write here, and appends wait for ever.</summary>
    /// <param name="Last">What it has written at least.</param>
    public sealed record TurnedAway(EventId Last) : GossipEffect;

    /// <summary>A fork is to be exposed: read the segments that hold these two records, which are committed, and answer with
    /// <see cref="GossipInput.ForkRead"/>. Asked again later while nothing exposes it.</summary>
    /// <param name="A">A record.</param>
    /// <param name="B">The other record in the same place of the same chain.</param>
    public sealed record ReadFork(EventId A, EventId B) : GossipEffect;

    /// <summary>Send <see cref="GossipInput.Tick"/> at this time (<see cref="EngineTime.Elapsed"/>); replaces an earlier wish.</summary>
    public sealed record WakeAt(TimeSpan Elapsed) : GossipEffect;
}

/// <summary>What an append became.</summary>
/// <param name="Token">Of the <see cref="GossipInput.Append"/>; 0 for the engine's own first record of an epoch.</param>
/// <param name="Events">Its events, in order.</param>
public sealed record AppendedEvents(long Token, ImmutableArray<EventId> Events);

/// <summary>Why an append was refused.</summary>
public enum AppendRefusal
{
    /// <summary>The chain did not end where the caller expected.</summary>
    HeadMoved,

    /// <summary>The agent has not heard yet who vouches for it: it has no chain to write to.</summary>
    NotVouched,

    /// <summary>A limit is exceeded.</summary>
    TooLarge,

    /// <summary>It cannot be written down which numbers are used, so none may be.</summary>
    NoLease,

    /// <summary>The agent's own chain has forked in this epoch: two copies of it were at work. It must not write more there.</summary>
    Forked,
}
