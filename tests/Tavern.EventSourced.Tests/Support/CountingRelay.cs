using System.Net;
using System.Net.Sockets;

namespace Tavern.EventSourced.Tests.Support;

/// <summary>A port that passes everything on to another one, and counts what comes in.</summary>
internal sealed class CountingRelay : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _read = new(0);
    private readonly Task _accepting;
    private int _connections;
    private int _reads;
    private long _bytes;

    public CountingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were opened.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Pieces that came in.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Bytes that came in.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Waits until so many pieces have come in.</summary>
    public async Task UntilReadAsync(int reads, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (Reads < reads) await _read.WaitAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                passing.Add(PassAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), isCounted: true), CopyAsync(server.GetStream(), client.GetStream(), isCounted: false));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One end has gone.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool isCounted)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and var length)
        {
            await to.WriteAsync(buffer.AsMemory(0, length), _stopping.Token);
            if (!isCounted) continue;
            Interlocked.Add(ref _bytes, length);
            Interlocked.Increment(ref _reads);
            _read.Release();
        }
    }
}
