using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>When a node whose store went back may start again by itself: a second later, and no more than five times in ten minutes, because a store
/// that keeps going back needs a person.</summary>
internal sealed class Restarts(TimeProvider time)
{
    private const int CountMax = 5;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly Queue<long> _recent = [];

    /// <summary>True until the node has started again.</summary>
    public bool IsFirst { get; private set; } = true;

    /// <summary>Waits until the next start, or until the node is told to end.</summary>
    /// <exception cref="StoreRolledBackException">It went back too often.</exception>
    public async Task NextAsync(StoreRolledBackException why, Task end)
    {
        IsFirst = false;
        while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > Within) _recent.Dequeue();
        if (_recent.Count == CountMax) throw new StoreRolledBackException($"{why.Message} It did so {CountMax + 1} times within {Within.TotalMinutes} minutes; the node starts no more.");
        _recent.Enqueue(time.GetTimestamp());
        await Task.WhenAny(end, Task.Delay(Wait, time));
    }

    /// <summary>Starts the node again, as soon as the store can be reached: a server that fails over is away for a while.</summary>
    public static async Task<TavernNode> StartAsync(NodeOptions options, Task end, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await TavernNode.StartAsync(options, cancellationToken);
            }
            catch (StoreUnavailableException) when (!end.IsCompleted)
            {
                await Task.WhenAny(end, Task.Delay(Wait, options.Time, cancellationToken));
            }
        }
    }
}
