using System.Collections.Immutable;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Histories;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>An append on its way through the node: waiting until it is handed to the engine, then decided by a commit.</summary>
internal sealed class PendingAppend(
    AgentId agent, ImmutableArray<EventDraft> drafts, long? expectedHead, string? key, Hash requestHash, HandledUpTo? handled = null,
    ImmutableArray<RecordedChains>? histories = null)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private readonly TaskCompletionSource<ImmutableArray<EventId>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    public AgentId Agent { get; } = agent;

    public ImmutableArray<EventDraft> Drafts { get; } = drafts;

    public long? ExpectedHead { get; } = expectedHead;

    /// <summary>The idempotency key, null for none.</summary>
    public string? Key { get; } = key;

    public Hash RequestHash { get; } = requestHash;

    /// <summary>The subscription to move, null for none. Without drafts it is moved alone.</summary>
    public HandledUpTo? Handled { get; } = handled;

    /// <summary>The step that moves it, once it has begun; set by the book of positions.</summary>
    public PositionStep? Step { get; set; }

    /// <summary>Recorded histories that come with it.</summary>
    public ImmutableArray<RecordedChains> Histories { get; } = histories ?? [];

    public long Bytes { get; } = drafts.Sum(draft => (long)draft.Payload.Length) + (histories ?? []).Sum(history => history.Bytes);

    /// <summary>True while it takes up room in the queue; set by the queue.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The events it became; or why it became none.</summary>
    public Task<ImmutableArray<EventId>> Done => _done.Task;

    /// <summary>The engine takes it over now; false when its caller gave up before.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>The caller gives up; false when the engine has it already, so that it may still be written.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) == Waiting;

    /// <summary>True when its caller gave up.</summary>
    public bool IsWithdrawn => Volatile.Read(ref _state) == Withdrawn;

    public void Succeed(ImmutableArray<EventId> events) => _done.TrySetResult(events);

    public void Fail(Exception reason) => _done.TrySetException(reason);
}
