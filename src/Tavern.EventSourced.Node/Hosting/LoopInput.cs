using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Everything that can happen to a node.</summary>
internal abstract record LoopInput
{
    private LoopInput()
    {
    }

    /// <summary>A call that one of our engines made has ended.</summary>
    public sealed record ToEngine(AgentId Agent, GossipInput Input) : LoopInput;

    /// <summary>Somebody calls a hosted agent.</summary>
    public sealed record Called(AgentId From, AgentId To, GossipMessage Message, Caller Caller) : LoopInput;

    /// <summary>A client wants events written.</summary>
    public sealed record Append(PendingAppend Pending) : LoopInput;

    /// <summary>The commit under way survived.</summary>
    public sealed record Committed : LoopInput;

    /// <summary>Signatures at the ends of these segments were checked.</summary>
    public sealed record HeadsVerified(ImmutableArray<SegmentEntry> Heads) : LoopInput;

    /// <summary>Gossip of an agent is paused or resumed.</summary>
    public sealed record Steer(AgentId Agent, GossipInput Input, TaskCompletionSource<bool> Done) : LoopInput;

    /// <summary>Somebody wants to look at an engine.</summary>
    public sealed record Look(AgentId Agent, TaskCompletionSource<EngineStatus> Seen) : LoopInput;

    /// <summary>Somebody wants to call an agent on another node.</summary>
    public sealed record Locate(AgentId Asking, AgentId Agent, TaskCompletionSource<ImmutableArray<Uri>> Found) : LoopInput;

    /// <summary>Somebody wants to know which records show that an agent has a newer key.</summary>
    public sealed record PlanTrail(AgentId Agent, ReadOnlyMemory<byte> Key, TaskCompletionSource<ImmutableArray<EventId>> Planned) : LoopInput;

    /// <summary>One more agent is hosted from now on.</summary>
    public sealed record Host(HostedAgent Agent, TaskCompletionSource<bool> Done) : LoopInput;

    /// <summary>A timer ran out.</summary>
    public sealed record TimePassed : LoopInput;
}

/// <summary>Who waits for the answer to a call.</summary>
internal abstract record Caller
{
    private Caller()
    {
    }

    /// <summary>An agent on another node.</summary>
    public sealed record Remote(TaskCompletionSource<GossipMessage> Reply) : Caller;

    /// <summary>An agent on this node.</summary>
    public sealed record Hosted(AgentId Agent, long CallId) : Caller;
}
