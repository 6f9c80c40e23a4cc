using System.Collections.Immutable;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Gossip;

/// <summary>What an engine is told about the numbers its agent may have used before this start. What it says is told by the driver's disks,
/// which may have been rolled back; so other agents are asked too (<see cref="StartGuard"/>).</summary>
/// <param name="SameStore">Agents whose logs are in the same store: what is lost to one is lost to all, so they are not asked.</param>
public sealed record GuardStart(ImmutableArray<AgentId> SameStore)
{
    /// <summary>At least so many events of <see cref="EngineStart.Epoch"/> were written, says the lease. 0 when nothing is known.</summary>
    public long Used { get; init; }

    /// <summary>True when the last stop was an orderly one at exactly the head that the log has, and nothing can have been put back in place
    /// since: then nobody has to confirm it. Default: false.</summary>
    public bool IsExact { get; init; }

    /// <summary>Why the log is known to be behind, in words that continue "because"; null when it is not. Default: null.</summary>
    public string? Lost { get; init; }

    /// <summary>Wait for an answer, however long it takes, instead of beginning a new epoch without one. Default: false.</summary>
    public bool WaitForPeers { get; init; }

    /// <summary>The agent comes by an invitation that was not used before, as far as is known here: when it has written something, somebody else
    /// uses its key. Default: false.</summary>
    public bool IsInvited { get; init; }

    /// <summary>The agent's key was made just now: it cannot have written anything. Default: false.</summary>
    public bool IsNewborn { get; init; }
}

/// <summary>Proof that an agent has written so far: a header and the signature that ends its segment.</summary>
public sealed record SignedHead(ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Signature);

/// <summary>How far the guard is.</summary>
public enum GuardPhase
{
    /// <summary>Agents on other stores are asked how far they have heard this one. Appends wait.</summary>
    Asking,

    /// <summary>Own events that were lost come back from others. Appends wait.</summary>
    PullingBack,

    /// <summary>The agent may write.</summary>
    Open,

    /// <summary>The invitation was used elsewhere: the agent never writes here.</summary>
    TurnedAway,
}

/// <summary>A readable picture of the guard.</summary>
/// <param name="Phase">How far it is.</param>
/// <param name="Epoch">The epoch the agent writes in; while it may not write, the one it knows of.</param>
/// <param name="WaitsFor">Agents that have not answered yet.</param>
/// <param name="NewEpochBecause">Why the epoch ended; null when it goes on.</param>
public sealed record GuardStatus(GuardPhase Phase, int Epoch, ImmutableArray<AgentId> WaitsFor, string? NewEpochBecause)
{
    /// <summary>Of an agent that nothing keeps from writing.</summary>
    public static GuardStatus None { get; } = new(GuardPhase.Open, 1, [], null);
}
