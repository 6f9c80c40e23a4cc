using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A real transport between which and its node somebody stands: every call of gossip, out or in, goes through
/// <see cref="Gossip"/>. Questions pass untouched.</summary>
public sealed class TamperedTransport(ITransport inner) : ITransport
{
    /// <summary>Passes a call on; what it returns is the answer.</summary>
    public delegate ValueTask<GossipMessage> Pass(GossipEnvelope call);

    /// <summary>What is done with a call of gossip; passed on by default.</summary>
    public Func<GossipEnvelope, Pass, ValueTask<GossipMessage>> Gossip { get; set; } = PassOn;

    public Uri? Address => inner.Address;

    /// <summary>Touches nothing.</summary>
    public static ValueTask<GossipMessage> PassOn(GossipEnvelope call, Pass pass) => pass(call);

    /// <summary>No call arrives.</summary>
    public static ValueTask<GossipMessage> Cut(GossipEnvelope call, Pass pass) => throw new TransportException("The line is cut.");

    /// <summary>Every segment of every frame is changed, or taken out where null is returned.</summary>
    public static Func<GossipEnvelope, Pass, ValueTask<GossipMessage>> Change(Func<Segment, Segment?> change)
    {
        return async (call, pass) => Changed(await pass(call with { Message = Changed(call.Message) }));

        GossipMessage Changed(GossipMessage message) => message is GossipMessage.Push push
            ? push with { Frame = [.. push.Frame.Select(item => change(item.Segment) is { } segment ? item with { Segment = segment } : (FrameSegment?)null).OfType<FrameSegment>()] }
            : message;
    }

    public ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken) =>
        inner.ListenAsync((call, token) => call.Message is GossipMessage.Ask ? handler(call, token) : Gossip(call, passed => handler(passed, token)), cancellationToken);

    public ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken) => request.Message is GossipMessage.Ask
        ? inner.CallAsync(address, request, cancellationToken)
        : Gossip(request, passed => inner.CallAsync(address, passed, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
