using System.Collections.Concurrent;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>What clients were told is written: the only thing that they can hold the tavern to.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<string, Acknowledged> _byKey = [];
    private int _count;

    /// <summary>So many so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>All, by idempotency key.</summary>
    public IReadOnlyDictionary<string, Acknowledged> ByKey => _byKey;

    public void Add(string key, int node, string id)
    {
        Assert.True(_byKey.TryAdd(key, new Acknowledged(node, id, DateTimeOffset.UtcNow)), $"{key} was written by two clients");
        Interlocked.Increment(ref _count);
    }
}

/// <summary>An event that a client knows to be written.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Id">The event.</param>
/// <param name="At">When the answer came, by this machine's clock.</param>
internal readonly record struct Acknowledged(int Node, string Id, DateTimeOffset At);
