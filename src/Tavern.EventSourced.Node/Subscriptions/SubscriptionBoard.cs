using System.Collections.Concurrent;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>The subscriptions that run on a node. Safe for concurrent use.</summary>
internal sealed class SubscriptionBoard : IAsyncDisposable
{
    private static readonly TimeSpan FinishTime = TimeSpan.FromMilliseconds(400); // for handlers that heed their token; others are left behind

    private readonly ConcurrentDictionary<(AgentId Agent, string Name), Subscription?> _running = [];
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Cancelled when all end: from then on none begins.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>All that run, by agent and name.</summary>
    public IReadOnlyList<Subscription> All =>
        [.. _running.Values.OfType<Subscription>().OrderBy(running => running.Agent).ThenBy(running => running.Name, StringComparer.Ordinal)];

    /// <summary>One of them, or null.</summary>
    public Subscription? Find(AgentId agent, string name) => _running.GetValueOrDefault((agent, name));

    /// <summary>Keeps a name for a subscription that is about to start.</summary>
    /// <exception cref="InvalidOperationException">One of that name runs.</exception>
    public void Reserve(AgentId agent, string name)
    {
        if (!_running.TryAdd((agent, name), null))
            throw new InvalidOperationException($"A subscription '{name}' of {agent} runs on this node already. Dispose it first, or take another name.");
    }

    /// <summary>It runs from now on, unless it has ended already, or all end.</summary>
    public async ValueTask AddAsync(Subscription running)
    {
        _running.TryUpdate((running.Agent, running.Name), running, null);
        if (_ending.IsCancellationRequested) await running.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The name is free again.</summary>
    public void Remove(AgentId agent, string name) => _running.TryRemove((agent, name), out _);

    /// <summary>Ends all. A handler that does not heed its token is not waited for: what it emits finds its node closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(All.Select(running => running.DisposeAsync().AsTask())), Task.Delay(FinishTime)).ConfigureAwait(false);
    }
}
