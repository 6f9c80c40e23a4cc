using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

public sealed class InProcessTransportTests : TransportConformance
{
    private readonly InProcessHub _hub = new();
    private int _names;

    protected override Uri Nowhere { get; } = new("inproc://nowhere");

    [Fact]
    public async Task Messages_are_passed_by_reference()
    {
        var call = Gossips.Ask(1);
        GossipEnvelope? heard = null;
        await using var listener = _hub.Create("jake");
        await listener.ListenAsync(
            (envelope, ending) =>
            {
                heard = envelope;
                return Gossips.Echo(envelope, ending);
            },
            default);
        await _hub.Create("gimli").CallAsync(new Uri("inproc://jake"), call, default);
        Assert.Same(call, heard);
    }

    protected override ITransport Create(Uri? listen = null) => _hub.Create(listen?.Host ?? "agent-" + ++_names);
}
