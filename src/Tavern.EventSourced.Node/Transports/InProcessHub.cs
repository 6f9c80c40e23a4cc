using System.Collections.Concurrent;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Connects transports within one process, by addresses of its own (<c>inproc://name</c>).</summary>
public sealed class InProcessHub
{
    private readonly ConcurrentDictionary<Uri, InProcessTransport> _listeners = [];

    /// <summary>A transport that will listen at <c>inproc://name</c>.</summary>
    /// <param name="name">Letters, digits, <c>-</c> and <c>.</c>: what a host name may hold.</param>
    /// <exception cref="UriFormatException">The name holds something else.</exception>
    public InProcessTransport Create(string name) => new(this, new Uri($"inproc://{name}"));

    internal bool TryAdd(InProcessTransport listener, Uri address) => _listeners.TryAdd(address, listener);

    internal void Remove(InProcessTransport listener, Uri address) => _listeners.TryRemove(KeyValuePair.Create(address, listener));

    internal InProcessTransport Find(Uri address) => _listeners.TryGetValue(address, out var listener)
        ? listener
        : throw new TransportException($"Nobody listens at {address} in this process.");
}
