using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;
using Tavern.EventSourced.Wire;
using Format = Tavern.EventSourced.Wire.Format;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>What the HTTP/2 listener says to callers that are no Tavern node, or an ill-behaved one.</summary>
public sealed class Http2ListenerTests : IAsyncLifetime, IDisposable
{
    private const string Advice = "Gossip between machines needs TLS: expected https://HOST:PORT, or http://127.0.0.1:PORT (also [::1], localhost) on this machine.";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] Call = GossipCodec.EncodeCall(Gossips.Ask(1));

    private readonly Http2Transport _listener = new(new Http2TransportOptions { CallsMax = 1, StopTimeout = TimeSpan.FromMilliseconds(50) });
    private readonly HttpClient _http = new();
    private readonly TaskCompletionSource _arrived = new();
    private readonly TaskCompletionSource _release = new();

    public async Task InitializeAsync() => await _listener.ListenAsync(
        async (call, ending) =>
        {
            if (call.Message is not GossipMessage.Ask { Nonce: 99 }) return await Gossips.Echo(call, ending);
            _arrived.SetResult();
            await _release.Task.WaitAsync(ending);
            return await Gossips.Echo(call, ending);
        },
        default);

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.7")]
    [InlineData("::")]
    [InlineData("2001:db8::1")]
    public void Listening_where_others_can_reach_it_is_refused(string address)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 0);
        var error = Assert.Throws<ArgumentException>(() => new Http2Transport(new Http2TransportOptions { Listen = endPoint }));
        Assert.StartsWith($"Cannot listen at {endPoint}. {Advice}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.7:7400/")]
    [InlineData("http://tavern.example/")]
    [InlineData("http://127.0.0.1.nip.example/")]
    [InlineData("ftp://127.0.0.1:7400/")]
    public async Task Calling_another_machine_is_refused(string address)
    {
        var error = await Assert.ThrowsAsync<TransportException>(() => _listener.CallAsync(new Uri(address), Gossips.Ask(1), default).AsTask());
        Assert.Equal($"Cannot call {address}. {Advice}", error.Message);
    }

    [SkippableFact]
    public async Task The_other_loopback_address_is_served_too()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var six = new Http2Transport(new Http2TransportOptions { Listen = new IPEndPoint(IPAddress.IPv6Loopback, 0) });
        try
        {
            await six.ListenAsync(Gossips.Echo, default);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Skip.If(true, "IPv6 is switched off.");
        }

        Assert.IsType<GossipMessage.Answer>(await _listener.CallAsync(six.Address!, Gossips.Ask(1), default));
    }

    [Fact]
    public async Task A_caller_that_speaks_http_1_is_told_so()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _listener.Address!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /gossip/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync().WaitAsync(Patience);
        Assert.StartsWith("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
        Assert.Contains("HTTP/2 only", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/gossip/v1", "application/json", 415)]
    [InlineData("POST", "/gossip/v1", "", 415)]
    [InlineData("GET", "/gossip/v1", "application/x-protobuf", 405)]
    [InlineData("POST", "/gossip/v2", "application/x-protobuf", 404)]
    [InlineData("POST", "/", "application/x-protobuf", 404)]
    public async Task What_is_no_call_gets_its_status(string method, string path, string contentType, int status)
    {
        using var response = await SendAsync(Call, path, contentType, method);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("192.0.2.7:80", 421)]
    [InlineData("localhost:1", 200)]
    [InlineData("127.9.9.9", 200)]
    [InlineData("[::1]:5", 200)]
    public async Task A_host_that_is_not_this_machine_is_refused(string host, int status)
    {
        using var response = await SendAsync(Call, host: host);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_declared_or_not()
    {
        using var declared = await SendAsync(new byte[GossipEnvelope.MessageBytesMax + 1]);
        Assert.Equal(413, (int)declared.StatusCode);
        using var streamed = await SendAsync(new byte[GossipEnvelope.MessageBytesMax + 1], chunked: true);
        Assert.Equal(413, (int)streamed.StatusCode);
        await StillAnswersAsync();
    }

    [Fact]
    public async Task A_body_that_ends_before_its_declared_length_harms_nobody()
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync(Call, declared: 1000));
        using var deadline = new CancellationTokenSource(Patience);
        while (await IsBusyAsync()) deadline.Token.ThrowIfCancellationRequested(); // the caller knows first; until the listener does, its only place is taken
        await StillAnswersAsync();
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_answered_with_the_reason()
    {
        using var response = await SendAsync([1, 2, 3]);
        Assert.Equal(400, (int)response.StatusCode);
        var refused = Assert.IsType<GossipMessage.Refused>(GossipCodec.DecodeReply(await response.Content.ReadAsByteArrayAsync()));
        Assert.Equal((RefusalReason.Malformed, "The tag 1 names no field."), (refused.Reason, refused.Detail));
    }

    [Fact]
    public async Task A_caller_of_another_version_is_answered_with_the_versions_spoken()
    {
        using var response = await SendAsync(new Format.Call { VersionMin = 5, VersionMax = 6 }.ToByteArray());
        Assert.Equal(200, (int)response.StatusCode);
        var refused = Assert.IsType<GossipMessage.Refused>(GossipCodec.DecodeReply(await response.Content.ReadAsByteArrayAsync()));
        Assert.Equal((RefusalReason.Version, "The call speaks versions 5 to 6; spoken here: 1 to 1."), (refused.Reason, refused.Detail));
    }

    [Fact]
    public async Task More_calls_than_are_answered_at_a_time_are_refused_as_busy()
    {
        await using var caller = new Http2Transport();
        var first = caller.CallAsync(_listener.Address!, Gossips.Ask(99), default).AsTask();
        await _arrived.Task.WaitAsync(Patience);
        var busy = Assert.IsType<GossipMessage.Refused>(await caller.CallAsync(_listener.Address!, Gossips.Ask(2), default));
        Assert.Equal(RefusalReason.Busy, busy.Reason);
        _release.SetResult();
        Assert.IsType<GossipMessage.Answer>(await first.WaitAsync(Patience));
        await StillAnswersAsync();
    }

    [Fact]
    public async Task A_stop_waits_for_no_call_longer_than_it_may()
    {
        await using var caller = new Http2Transport();
        var call = caller.CallAsync(_listener.Address!, Gossips.Ask(99), default).AsTask();
        await _arrived.Task.WaitAsync(Patience);
        var start = TimeProvider.System.GetTimestamp();
        await _listener.DisposeAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TransportException>(() => call.WaitAsync(Patience));
    }

    private async Task<bool> IsBusyAsync()
    {
        using var response = await SendAsync(Call);
        return (int)response.StatusCode == 503;
    }

    private async Task StillAnswersAsync()
    {
        using var response = await SendAsync(Call);
        Assert.Equal(200, (int)response.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(
        byte[] body, string path = "/gossip/v1", string contentType = "application/x-protobuf", string method = "POST", string? host = null,
        bool chunked = false, long? declared = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_listener.Address!, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = chunked ? new StreamContent(new UnknownLengthStream(body)) : new ByteArrayContent(body),
        };
        if (contentType.Length > 0) request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (declared is not null) request.Content.Headers.ContentLength = declared;
        request.Headers.Host = host;
        return await _http.SendAsync(request).WaitAsync(Patience);
    }

    private sealed class UnknownLengthStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
