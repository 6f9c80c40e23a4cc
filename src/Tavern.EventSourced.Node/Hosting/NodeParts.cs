using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>What every node has, running or read-only.</summary>
internal sealed record NodeParts(
    IEventStore Store,
    NodeHistory History,
    SharedVerifier Verifier,
    Answering Answering,
    Asking Asking,
    Func<AgentId, CancellationToken, ValueTask<EngineStatus>> LookAsync) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync().ConfigureAwait(false);
        History.Dispose();
        Verifier.Dispose();
    }
}
