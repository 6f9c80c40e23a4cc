using System.Collections.Concurrent;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Puts a time limit, a circuit breaker and a bound on concurrent calls around each peer that another transport calls. A
/// peer that hangs or is gone costs its callers little and others nothing. Disposes the other transport with itself.</summary>
public sealed class GuardedTransport(ITransport inner, TimeProvider time, GuardOptions? options = null) : ITransport
{
    private readonly ConcurrentDictionary<Uri, PeerPipeline> _peers = [];
    private readonly GuardOptions _options = options ?? new GuardOptions();

    /// <inheritdoc/>
    public Uri? Address => inner.Address;

    /// <inheritdoc/>
    public ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken) =>
        inner.ListenAsync(handler, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
    {
        if (_peers.Count >= _options.PeersMax && !_peers.ContainsKey(address)) _peers.Clear();
        var peer = _peers.GetOrAdd(address, static (address, guard) => new PeerPipeline(address, guard.Options, guard.Time), (Options: _options, Time: time));
        return peer.CallAsync(inner, request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        foreach (var peer in _peers.Values) peer.Dispose();
    }
}
