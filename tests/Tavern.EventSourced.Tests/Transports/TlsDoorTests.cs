using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>Who is let in between machines, and who is refused, at both ends.</summary>
public sealed class TlsDoorTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // a failing test ends; a passing one never waits for it

    private readonly TlsTavern _tavern = new();
    private Http2Transport _listener = null!;
    private int _calls;

    public async Task InitializeAsync()
    {
        _listener = TlsTavern.Create(_tavern.Node(TlsTavern.Called), new Http2TransportOptions { StopTimeout = TimeSpan.FromMilliseconds(50), UnprovenPerHostMax = 2 });
        await _listener.ListenAsync(Count, default);
    }

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose() => _tavern.Dispose();

    [Fact]
    public async Task A_member_is_heard_and_needs_one_handshake_for_all_its_calls()
    {
        var node = _tavern.Node(TlsTavern.Caller);
        await using var caller = TlsTavern.Create(node);
        for (var i = 1UL; i <= 20; i++) Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(_listener.Address!, Gossips.Ask(i), default));
        Assert.Equal((20, 1), (_calls, _tavern.ProofsOf(node)));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task A_listener_is_reached_by_name_and_by_number(string host)
    {
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(new UriBuilder(_listener.Address!) { Host = host }.Uri, Gossips.Ask(1), default));
    }

    [Fact]
    public async Task A_stranger_is_refused_before_its_first_call_and_both_ends_are_told()
    {
        using var stranger = EcdsaSigner.Create();
        await RefusedAsync(_tavern.Stranger(stranger), "it refused this node: nothing heard here vouches for the agents that it speaks for");
        await ToldAsync($"nothing heard here vouches for the agents that it speaks for ({stranger.Agent})");
    }

    [Fact]
    public async Task Another_tavern_is_refused()
    {
        await RefusedAsync(_tavern.NodeOf(Hash.Of("another tavern"u8), TlsTavern.Caller), "it refused this node: it belongs to another tavern");
        await ToldAsync("it belongs to another tavern");
    }

    [Fact]
    public async Task A_known_node_is_not_heard_for_an_agent_that_it_does_not_host()
    {
        // It proves the agent that is called, which is a member too, and calls in the name of another.
        await using var raw = await RawAsync(_tavern.Node(TlsTavern.Called));
        var refused = Assert.IsType<GossipMessage.Refused>(await raw.CallAsync(Gossips.Ask(1)));
        Assert.Equal((RefusalReason.Stranger, 0), (refused.Reason, _calls));
        Assert.Contains("was not proven on this connection", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_that_another_made_proves_nothing()
    {
        await RefusedAsync(_tavern.Impostor(TlsTavern.Caller), "it refused this node: nothing heard here vouches");
        await ToldAsync("or their signatures are not theirs");
    }

    [Fact]
    public async Task A_listener_that_cannot_prove_the_agent_called_is_not_believed()
    {
        await using var other = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        await other.ListenAsync(Gossips.Echo, default);
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        var error = await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(other.Address!, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Contains($"the node there did not prove that it speaks for {TlsTavern.Called}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_of_another_tavern_is_not_believed_and_learns_why()
    {
        await using var other = TlsTavern.Create(_tavern.NodeThatTrustsAll(Hash.Of("another tavern"u8)));
        await other.ListenAsync(Gossips.Echo, default);
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        var error = await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(other.Address!, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Contains("it belongs to another tavern", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_a_node_hosts_since_is_proven_on_a_new_connection()
    {
        var node = _tavern.Node();
        var late = _tavern.Node(TlsTavern.Caller);
        await using var listener = TlsTavern.Create(late);
        await listener.ListenAsync(Gossips.Echo, default);
        await using var caller = TlsTavern.Create(node);
        await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(listener.Address!, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        _tavern.Host(late, TlsTavern.Called);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(listener.Address!, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task A_caller_that_hosts_another_agent_since_proves_it()
    {
        var node = _tavern.Node(TlsTavern.Called);
        await using var caller = TlsTavern.Create(node);
        var own = new GossipEnvelope(7, TlsTavern.Called, TlsTavern.Called, Gossips.Ask(1).Message);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(_listener.Address!, own, default));
        await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(_listener.Address!, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        _tavern.Host(node, TlsTavern.Caller);
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(_listener.Address!, Gossips.Ask(2), default));
    }

    [Fact]
    public async Task A_proof_is_worth_nothing_on_another_connection()
    {
        // What a member said to a listener in the middle, which passes it on over its own connection.
        var member = _tavern.Node(TlsTavern.Caller);
        var middle = _tavern.Node(TlsTavern.Called);
        var said = member.Prove([TlsTavern.Caller], ConnectionRole.Caller, NodeCertificate.FingerprintOf(middle.Certificate));
        await using var stream = await ConnectAsync(middle.Certificate);
        await SendAsync(stream, ProofCodec.Encode(said));
        Assert.Contains("their signatures are not theirs", Assert.IsType<ProofMessage.Refused>(await ReadAsync(stream)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_certificate_no_call()
    {
        await using var stream = await ConnectAsync(null);
        await EndsAsync(stream);
        await ToldAsync("certificate");
    }

    [Fact]
    public async Task A_caller_with_an_older_tls_is_refused()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(_tavern.Node(TlsTavern.Caller).Certificate, SslProtocols.Tls12));
        await ToldAsync("no TLS 1.3 connection");
    }

    [Fact]
    public async Task A_listener_with_an_older_tls_is_not_called()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        var call = caller.CallAsync(new Uri($"https://{listener.LocalEndpoint}"), Gossips.Ask(1), default).AsTask();
        using var accepted = await listener.AcceptTcpClientAsync().WaitAsync(Patience);
        await using var old = new SslStream(accepted.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => old.AuthenticateAsServerAsync(_tavern.Node(TlsTavern.Called).Certificate, false, SslProtocols.Tls12, false).WaitAsync(Patience));
        accepted.Close();
        Assert.Contains("no TLS 1.3 connection", (await Assert.ThrowsAsync<TransportException>(() => call.WaitAsync(Patience))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_http_gets_nothing_from_a_tls_port()
    {
        await using var plain = new Http2Transport();
        var address = new UriBuilder(_listener.Address!) { Scheme = "http" }.Uri;
        await Assert.ThrowsAsync<TransportException>(() => plain.CallAsync(address, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Equal(0, _calls);
        await ToldAsync("no TLS 1.3 connection");
    }

    [Fact]
    public async Task Tls_gets_nothing_from_a_plain_port()
    {
        await using var plain = new Http2Transport();
        await plain.ListenAsync(Gossips.Echo, default);
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        var address = new UriBuilder(plain.Address!) { Scheme = "https" }.Uri;
        var error = await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(address, Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Contains("no TLS 1.3 connection", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WireLimits.ProofBytesMax + 1)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public async Task A_proof_that_claims_a_hostile_length_is_refused_before_it_is_read(int length)
    {
        await using var stream = await ConnectAsync(_tavern.Node(TlsTavern.Caller).Certificate);
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        await stream.WriteAsync(bytes);
        Assert.Contains($"the limit is {WireLimits.ProofBytesMax}", Assert.IsType<ProofMessage.Refused>(await ReadAsync(stream)).Detail, StringComparison.Ordinal);
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Who_proves_nothing_takes_only_so_many_places()
    {
        await using var first = await ConnectAsync(_tavern.Node(TlsTavern.Caller).Certificate);
        await using var second = await ConnectAsync(_tavern.Node(TlsTavern.Caller).Certificate);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(_tavern.Node(TlsTavern.Caller).Certificate)); // two from one host
        await first.DisposeAsync();
        await ToldAsync("it ended, or took too long");
        await using var caller = TlsTavern.Create(_tavern.Node(TlsTavern.Caller));
        Assert.IsType<GossipMessage.Answer>(await caller.CallAsync(_listener.Address!, Gossips.Ask(1), default));
    }

    private ValueTask<GossipMessage> Count(GossipEnvelope call, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return Gossips.Echo(call, cancellationToken);
    }

    private async Task RefusedAsync(NodeProofs node, string expected)
    {
        await using var caller = TlsTavern.Create(node);
        var from = node.Agents.Single();
        var call = new GossipEnvelope(7, from, TlsTavern.Called, Gossips.Ask(1).Message);
        var error = await Assert.ThrowsAsync<TransportException>(() => caller.CallAsync(_listener.Address!, call, default).AsTask().WaitAsync(Patience));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _calls);
    }

    private async Task ToldAsync(string expected) => await _tavern.UntilToldAsync(expected, Patience);

    /// <summary>A caller that speaks in whatever name.</summary>
    private async Task<RawCaller> RawAsync(NodeProofs node) => await RawCaller.OpenAsync(_listener.Address!, node);

    private async Task<SslStream> ConnectAsync(X509Certificate2? certificate, SslProtocols protocols = SslProtocols.Tls13)
    {
        var client = new TcpClient();
        await client.ConnectAsync(_listener.Address!.Host, _listener.Address.Port);
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificates = certificate is null ? null : [certificate],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        }).WaitAsync(Patience);
        return stream;
    }

    private static async Task SendAsync(Stream stream, byte[] message)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
        await stream.WriteAsync(length);
        await stream.WriteAsync(message);
    }

    private static async Task<ProofMessage> ReadAsync(Stream stream)
    {
        var length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length).AsTask().WaitAsync(Patience);
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(message).AsTask().WaitAsync(Patience);
        return ProofCodec.Decode(message);
    }

    private static async Task EndsAsync(Stream stream)
    {
        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        }
        catch (IOException)
        {
            // Ended all the same.
        }
    }
}
