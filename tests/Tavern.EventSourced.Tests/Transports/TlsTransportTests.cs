using System.Net;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

public sealed class TlsTransportTests : TransportConformance, IDisposable
{
    private readonly TlsTavern _tavern = new();

    // Port 1 is privileged and no service uses it: a connection is refused at once.
    protected override Uri Nowhere { get; } = new("https://127.0.0.1:1");

    public void Dispose() => _tavern.Dispose();

    protected override ITransport Create(Uri? listen = null) => TlsTavern.Create(
        _tavern.Node(), new Http2TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, listen?.Port ?? 0), StopTimeout = TimeSpan.FromMilliseconds(50) });
}
