using System.Net;
using System.Net.Sockets;
using Npgsql;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Postgres;

/// <summary>A line to a server that can break at the worst moment.</summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    private readonly LineListener _listener;
    private volatile NpgsqlConnectionStringBuilder _server;
    private (Socket Server, byte[] Request)? _held;
    private Fault _next;
    private int _requestsBefore;

    /// <summary>Stands before a server.</summary>
    public PostgresProxy(string connectionString)
    {
        _server = new NpgsqlConnectionStringBuilder(connectionString);
        _listener = new LineListener(IPAddress.Loopback, RunAsync);
    }

    private enum Fault
    {
        None,
        LoseAnswer,
        HoldRequest,
    }

    /// <summary>How to connect through it.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = _listener.Address.Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ToString();

    /// <summary>New connections go to another server.</summary>
    public void TurnTo(string connectionString) => _server = new NpgsqlConnectionStringBuilder(connectionString);

    /// <summary>The server gets a request and answers it; then the line breaks before the client hears of it.</summary>
    /// <param name="requestsBefore">So many requests are answered before, on whichever connection.</param>
    public void LoseNextAnswer(int requestsBefore = 0) => (_requestsBefore, _next) = (requestsBefore, Fault.LoseAnswer);

    /// <summary>The line breaks with the next request still under way: the server gets it only with <see cref="DeliverHeldAsync"/>.</summary>
    public void HoldNextRequest() => (_requestsBefore, _next) = (0, Fault.HoldRequest);

    /// <summary>How long each request takes to the server. Default: no longer than it does.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Brings the server the request that was held; returns its answer, as text.</summary>
    public async Task<string> DeliverHeldAsync()
    {
        var (server, request) = _held!.Value;
        using (server)
        {
            await server.SendAsync(request);
            var (answer, count) = (new byte[64 * 1024], 0);
            for (var read = -1; read != 0 && (count < 6 || answer[count - 6] != 'Z'); count += read) // until ReadyForQuery, the last of an answer
                read = await server.ReceiveAsync(answer.AsMemory(count));
            return System.Text.Encoding.ASCII.GetString(answer, 0, count);
        }
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task RunAsync(Socket client, CancellationToken stopping)
    {
        var to = _server;
        var isUnix = to.Host!.StartsWith('/');
        var server = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        var fault = Fault.None;
        try
        {
            await server.ConnectAsync(isUnix ? new UnixDomainSocketEndPoint($"{to.Host}/.s.PGSQL.{to.Port}") : new DnsEndPoint(to.Host, to.Port), stopping);
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(PumpAsync(client, server, isRequest: true), PumpAsync(server, client, isRequest: false));
            await broken.CancelAsync();

            async Task PumpAsync(Socket from, Socket onto, bool isRequest)
            {
                var buffer = new byte[64 * 1024];
                while (await from.ReceiveAsync(buffer, broken.Token) is > 0 and var count)
                {
                    if (isRequest && _next is not Fault.None && _requestsBefore-- == 0) (fault, _next) = (_next, Fault.None);
                    if (isRequest && fault is Fault.HoldRequest)
                    {
                        _held = (server, buffer[..count]);
                        return;
                    }

                    if (!isRequest && fault is Fault.LoseAnswer) return;
                    if (isRequest && Delay > TimeSpan.Zero) await Task.Delay(Delay, broken.Token);
                    for (var sent = 0; sent < count;) sent += await onto.SendAsync(buffer.AsMemory(sent, count - sent), broken.Token);
                }
            }
        }
        finally
        {
            client.Dispose();
            if (fault is not Fault.HoldRequest) server.Dispose();
        }
    }
}
