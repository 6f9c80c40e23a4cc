using System.Net;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>A guard changes nothing of what a transport promises.</summary>
public sealed class GuardedTransportConformance : TransportConformance
{
    private readonly ManualTimeProvider _time = new();

    protected override Uri Nowhere { get; } = new("http://127.0.0.1:1");

    protected override ITransport Create(Uri? listen = null) => new GuardedTransport(
        new Http2Transport(new Http2TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, listen?.Port ?? 0), StopTimeout = TimeSpan.FromMilliseconds(50) }),
        _time);

    protected override void LetTimePass() => _time.Advance(TimeSpan.FromSeconds(1));
}
