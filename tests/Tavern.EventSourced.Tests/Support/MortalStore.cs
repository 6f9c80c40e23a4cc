using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>Makes the process that uses a store die at one commit: right before it, or right after it survived and before anybody
/// heard of that. From then on nothing is committed any more.</summary>
public sealed class MortalStore(int commit, bool after)
{
    private int _commits;

    /// <summary>Completes when the process has died.</summary>
    public TaskCompletionSource Died { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wraps the store of a node, for its options.</summary>
    public WatchedStore Over(IEventStore inner) => new(inner)
    {
        Before = async batch =>
        {
            if (++_commits < commit) return;
            if (_commits == commit && after) await inner.CommitAsync(batch, CancellationToken.None);
            Died.TrySetResult();
            throw new StoreFencedException("This process is dead."); // whatever a node does then, it commits nothing
        },
    };
}
