using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

public sealed class GuardedTransportTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Uri Gandalf = new("inproc://gandalf");

    private readonly ManualTimeProvider _time = new();
    private readonly InProcessHub _hub = new();

    [Fact]
    public async Task A_slow_peer_is_given_up_after_the_time_limit()
    {
        var arrived = new TaskCompletionSource();
        await using var gandalf = _hub.Create("gandalf");
        await gandalf.ListenAsync((_, _) => Hang(arrived), default);
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time);
        var call = caller.CallAsync(Gandalf, Gossips.Ask(1), default).AsTask();
        await arrived.Task.WaitAsync(Patience);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var error = await Assert.ThrowsAsync<TransportException>(() => call.WaitAsync(Patience));
        Assert.Equal("No answer from inproc://gandalf/ within 5 s.", error.Message);
    }

    [Fact]
    public async Task Five_failures_open_the_circuit_and_a_second_later_one_call_tries_again()
    {
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time);
        for (var i = 0; i < 5; i++) Assert.Contains("Nobody listens", await FailureAsync(caller), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal("inproc://gandalf/ is not called: circuit open since 2026-01-01T00:00:00Z.", await FailureAsync(caller));

        await using var gandalf = _hub.Create("gandalf");
        await gandalf.ListenAsync(Gossips.Echo, default);
        Assert.Contains("circuit open", await FailureAsync(caller), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(Gandalf, Gossips.Ask(1), default));
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(Gandalf, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task A_peer_that_is_still_away_when_tried_again_keeps_its_circuit_open()
    {
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time);
        for (var i = 0; i < 5; i++) await FailureAsync(caller);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("Nobody listens", await FailureAsync(caller), StringComparison.Ordinal);
        Assert.Equal("inproc://gandalf/ is not called: circuit open since 2026-01-01T00:00:01Z.", await FailureAsync(caller));
    }

    [Fact]
    public async Task Refusals_are_answers_and_open_no_circuit()
    {
        await using var gandalf = _hub.Create("gandalf");
        await gandalf.ListenAsync((_, _) => ValueTask.FromResult<GossipMessage>(new GossipMessage.Refused(RefusalReason.Busy, "later")), default);
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time);
        for (var i = 0; i < 20; i++) Assert.IsType<GossipMessage.Refused>(await caller.CallAsync(Gandalf, Gossips.Ask(1), default));
    }

    [Fact]
    public async Task One_peers_open_circuit_stops_no_calls_to_others()
    {
        await using var gimli = _hub.Create("gimli");
        await gimli.ListenAsync(Gossips.Echo, default);
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time);
        for (var i = 0; i < 6; i++) await FailureAsync(caller);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(new Uri("inproc://gimli"), Gossips.Ask(1), default));
    }

    [Fact]
    public async Task Calls_beyond_the_bound_wait_their_turn_and_beyond_that_fail_at_once()
    {
        var arrived = new TaskCompletionSource();
        await using var gandalf = _hub.Create("gandalf");
        await gandalf.ListenAsync(
            (call, ending) => call.Message is GossipMessage.Ask { Nonce: 1 } ? Hang(arrived) : Gossips.Echo(call, ending), default);
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time, new GuardOptions { CallsPerPeerMax = 1, WaitingPerPeerMax = 1 });
        using var cancellation = new CancellationTokenSource();
        var first = caller.CallAsync(Gandalf, Gossips.Ask(1), cancellation.Token).AsTask();
        await arrived.Task.WaitAsync(Patience);
        var second = caller.CallAsync(Gandalf, Gossips.Ask(2), default).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal("1 calls to inproc://gandalf/ are under way and 1 wait.", await FailureAsync(caller));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.IsType<GossipMessage.Answer>(await second.WaitAsync(Patience));
    }

    [Fact]
    public async Task Addresses_without_end_are_forgotten()
    {
        await using var caller = new GuardedTransport(_hub.Create("jake"), _time, new GuardOptions { PeersMax = 2 });
        for (var i = 0; i < 5; i++) await FailureAsync(caller);
        foreach (var name in new[] { "a", "b", "c" })
            await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(new Uri($"inproc://{name}"), Gossips.Ask(1), default).AsTask());
        Assert.Contains("Nobody listens", await FailureAsync(caller), StringComparison.Ordinal); // the circuit went with the address
    }

    private static async Task<string> FailureAsync(GuardedTransport caller) =>
        (await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(Gandalf, Gossips.Ask(3), default).AsTask())).Message;

    private static async ValueTask<GossipMessage> Hang(TaskCompletionSource arrived)
    {
        arrived.TrySetResult();
        await new TaskCompletionSource().Task;
        throw new InvalidOperationException("A task that nobody completes was completed.");
    }
}
