using System.Collections.Immutable;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class OutgoingCallsTests
{
    private static readonly ImmutableArray<Uri> Addresses = [new("http://127.0.0.1:1"), new("http://127.0.0.1:2")];

    [Fact]
    public async Task All_addresses_together_have_one_deadline()
    {
        var (time, transport) = (new ManualTimeProvider(), new SilentTransport());
        var calling = new OutgoingCalls(default, transport, time)
            .CallAsync(new AgentId(1), new AgentId(2), new GossipMessage.Ask(1, new byte[1]), Addresses, CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        var failure = await Assert.ThrowsAsync<TransportException>(() => calling.WaitAsync(TestNodes.Deadline));
        Assert.Contains("within 5 s", failure.Message, StringComparison.Ordinal);
        Assert.Equal([Addresses[0]], transport.Called);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_told_of_a_deadline()
    {
        using var given = new CancellationTokenSource();
        var calling = new OutgoingCalls(default, new SilentTransport(), new ManualTimeProvider())
            .CallAsync(new AgentId(1), new AgentId(2), new GossipMessage.Ask(1, new byte[1]), Addresses, given.Token).AsTask();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }

    /// <summary>Peers that take calls and never answer.</summary>
    private sealed class SilentTransport : ITransport
    {
        public List<Uri> Called { get; } = [];

        public Uri? Address => null;

        public ValueTask ListenAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;

        public async ValueTask<GossipMessage> CallAsync(Uri address, GossipEnvelope request, CancellationToken cancellationToken)
        {
            Called.Add(address);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("Nothing ends an endless wait.");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
