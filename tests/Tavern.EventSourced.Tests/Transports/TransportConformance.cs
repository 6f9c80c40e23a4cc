using Tavern.EventSourced.Events;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>What every transport must do.</summary>
public abstract class TransportConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // a failing test ends; a passing one never waits for it
    private static readonly ClockClaim Claim = new(new ChainId(new AgentId(9), 2), 41, 7);

    /// <summary>A transport of the kind under test; all of one test can reach each other.</summary>
    /// <param name="listen">Listen exactly here, where an earlier one did; null for anywhere.</param>
    protected abstract ITransport Create(Uri? listen = null);

    /// <summary>An address of the right form where nobody listens.</summary>
    protected abstract Uri Nowhere { get; }

    /// <summary>Called between tries to reach a peer that came back.</summary>
    protected virtual void LetTimePass()
    {
    }

    public static TheoryData<string> Kinds => new("Syn", "Push", "Ask", "Refused");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_of_message_arrives_and_is_answered(string kind)
    {
        GossipMessage refusal = new GossipMessage.Refused(RefusalReason.Busy, "later");
        var (message, expected) = kind switch
        {
            "Syn" => ((GossipMessage)new GossipMessage.Syn(1, 2, 3, [Claim], Nonce: 4), (GossipMessage)new GossipMessage.SynAck(2, 3, [Claim], [], 4)),
            "Push" => (Gossips.Push(10), Gossips.Push(10)),
            "Ask" => (new GossipMessage.Ask(5, new byte[] { 6 }), new GossipMessage.Answer(new byte[] { 6 }, BitConverter.GetBytes(5UL))),
            _ => (new GossipMessage.Ask(8, new byte[] { 6 }), refusal),
        };
        var call = Gossips.Envelope(message);
        GossipEnvelope? heard = null;
        await using var listener = Create();
        await using var caller = Create();
        await listener.ListenAsync(
            (envelope, ending) =>
            {
                heard = envelope;
                return kind == "Refused" ? ValueTask.FromResult(refusal) : Gossips.Echo(envelope, ending);
            },
            default);
        var answer = await caller.CallAsync(listener.Address!, call, default);
        Assert.Equal(MessageText.Of(expected), MessageText.Of(answer));
        Assert.Equal(MessageText.Of(call), MessageText.Of(heard!));
    }

    [Fact]
    public async Task A_transport_that_does_not_listen_has_no_address_and_can_call()
    {
        await using var listener = await ListeningAsync(Gossips.Echo);
        await using var caller = Create();
        Assert.Null(caller.Address);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(listener.Address!, Gossips.Ask(1), default));
    }

    [Fact]
    public async Task Concurrent_calls_get_their_own_answers()
    {
        await using var listener = await ListeningAsync(Gossips.Echo);
        await using var caller = Create();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => caller.CallAsync(listener.Address!, Gossips.Ask((ulong)i), default).AsTask()));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (ulong)i), answers.Select(answer => BitConverter.ToUInt64(((GossipMessage.Answer)answer).Signature.Span)));
    }

    [Fact]
    public async Task A_call_that_waits_keeps_no_other_from_being_answered()
    {
        var release = new TaskCompletionSource();
        await using var listener = await ListeningAsync(async (call, ending) =>
        {
            if (call.Message is GossipMessage.Ask { Nonce: 1 }) await release.Task.WaitAsync(ending);
            return await Gossips.Echo(call, ending);
        });
        await using var caller = Create();
        var first = caller.CallAsync(listener.Address!, Gossips.Ask(1), default).AsTask();
        await caller.CallAsync(listener.Address!, Gossips.Ask(2), default).AsTask().WaitAsync(Patience);
        Assert.False(first.IsCompleted);
        release.SetResult();
        await first.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_handler_that_throws_affects_its_caller_alone()
    {
        await using var listener = await ListeningAsync((call, ending) =>
            call.Message is GossipMessage.Ask { Nonce: 1 } ? throw new InvalidOperationException("broken") : Gossips.Echo(call, ending));
        await using var caller = Create();
        await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(listener.Address!, Gossips.Ask(1), default).AsTask());
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(listener.Address!, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_handler_learns_of_it()
    {
        var (arrived, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var listener = await ListeningAsync(async (call, ending) =>
        {
            if (call.Message is GossipMessage.Ask { Nonce: 2 }) return await Gossips.Echo(call, ending);
            arrived.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, ending);
            }
            finally
            {
                gone.SetResult();
            }

            throw new InvalidOperationException("An infinite delay ended.");
        });
        await using var caller = Create();
        using var cancellation = new CancellationTokenSource();
        var call = caller.CallAsync(listener.Address!, Gossips.Ask(1), cancellation.Token).AsTask();
        await arrived.Task.WaitAsync(Patience);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        await gone.Task.WaitAsync(Patience);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(listener.Address!, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task A_caller_that_closes_gets_no_answer_and_harms_nobody()
    {
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var listener = await ListeningAsync(async (call, ending) =>
        {
            if (call.Message is GossipMessage.Ask { Nonce: 1 })
            {
                arrived.SetResult();
                await release.Task; // a handler that does not look whether anybody still waits
            }

            return await Gossips.Echo(call, ending);
        });
        var leaving = Create();
        using var cancellation = new CancellationTokenSource();
        var call = leaving.CallAsync(listener.Address!, Gossips.Ask(1), cancellation.Token).AsTask();
        await arrived.Task.WaitAsync(Patience);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Patience));
        await leaving.DisposeAsync();
        release.SetResult();
        await using var caller = Create();
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(listener.Address!, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task The_largest_payload_passes_both_ways()
    {
        await using var listener = await ListeningAsync(Gossips.Echo);
        await using var caller = Create();
        var push = Gossips.Push(EventLimits.PayloadBytesMax);
        Assert.Equal(MessageText.Of(push), MessageText.Of(await caller.CallAsync(listener.Address!, Gossips.Envelope(push), default)));
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_before_it_leaves()
    {
        var calls = 0;
        await using var listener = await ListeningAsync((call, ending) =>
        {
            calls++;
            return Gossips.Echo(call, ending);
        });
        await using var caller = Create();
        var error = await Assert.ThrowsAsync<TransportException>(
            () => caller.CallAsync(listener.Address!, Gossips.Ask(1, GossipEnvelope.MessageBytesMax + 1), default).AsTask());
        Assert.Contains("the limit is 1376256", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_a_transport_error_that_names_it()
    {
        await using var caller = Create();
        var error = await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(Nowhere, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Contains(Nowhere.Authority, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_kind_is_a_transport_error()
    {
        await using var caller = Create();
        await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(new Uri("gopher://elsewhere/"), Gossips.Ask(1), default).AsTask());
    }

    [Fact]
    public async Task A_listener_that_stopped_and_came_back_is_reached_again()
    {
        await using var caller = Create();
        var listener = await ListeningAsync(Gossips.Echo);
        var address = listener.Address!;
        await caller.CallAsync(address, Gossips.Ask(1), default);
        await listener.DisposeAsync();
        for (var i = 0; i < 7; i++) await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(address, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));

        await using var again = Create(address);
        await again.ListenAsync(Gossips.Echo, default);
        Assert.Equal(address, again.Address);
        for (var tries = 0; ; tries++)
        {
            LetTimePass();
            try
            {
                Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(address, Gossips.Ask(2), default));
                return;
            }
            catch (TransportException) when (tries < 5)
            {
                // Found out that a connection it kept is dead, or the circuit is still open.
            }
        }
    }

    [Fact]
    public async Task A_listener_that_stops_cuts_off_the_calls_under_way()
    {
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var listener = await ListeningAsync(async (call, ending) =>
        {
            arrived.SetResult();
            await release.Task.WaitAsync(ending);
            return await Gossips.Echo(call, ending);
        });
        await using var caller = Create();
        var call = caller.CallAsync(listener.Address!, Gossips.Ask(1), default).AsTask();
        await arrived.Task.WaitAsync(Patience);
        await listener.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => call.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused()
    {
        await using var listener = await ListeningAsync(Gossips.Echo);
        await using var other = Create(listener.Address);
        await Assert.ThrowsAnyAsync<Exception>(() => other.ListenAsync(Gossips.Echo, default).AsTask());
        Assert.Null(other.Address);
    }

    [Fact]
    public async Task Closing_twice_is_harmless_and_a_closed_transport_calls_nobody()
    {
        await using var listener = await ListeningAsync(Gossips.Echo);
        var caller = await ListeningAsync(Gossips.Echo);
        await caller.CallAsync(listener.Address!, Gossips.Ask(1), default);
        await caller.DisposeAsync();
        await caller.DisposeAsync();
        await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(listener.Address!, Gossips.Ask(1), default).AsTask());
    }

    private async Task<ITransport> ListeningAsync(Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler)
    {
        var transport = Create();
        await transport.ListenAsync(handler, default);
        return transport;
    }
}
