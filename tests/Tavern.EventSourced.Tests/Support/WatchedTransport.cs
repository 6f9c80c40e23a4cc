using Tavern.EventSourced.Gossip;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A real transport that shows every message its node sends, calls and answers, before it leaves.</summary>
public sealed class WatchedTransport(ITransport inner, Action<GossipMessage> sent) : ITransport
{
    public Uri? Address => inner.Address;

    public ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken) =>
        inner.ListenAsync(
            async (call, token) =>
            {
                var answer = await handler(call, token);
                sent(answer);
                return answer;
            },
            cancellationToken);

    public ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
    {
        sent(request.Message);
        return inner.CallAsync(address, request, cancellationToken);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
