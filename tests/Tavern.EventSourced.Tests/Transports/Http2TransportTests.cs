using System.Net;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;

namespace Tavern.EventSourced.Tests.Transports;

public sealed class Http2TransportTests : TransportConformance
{
    // Port 1 is privileged and no service uses it: a connection is refused at once.
    protected override Uri Nowhere { get; } = new("http://127.0.0.1:1");

    protected override ITransport Create(Uri? listen = null) => new Http2Transport(
        new Http2TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, listen?.Port ?? 0), StopTimeout = TimeSpan.FromMilliseconds(50) });
}
