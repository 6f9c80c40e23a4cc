using System.Net;
using System.Net.Sockets;

namespace Tavern.EventSourced.ContainerTests.Support;

/// <summary>Listens at any free port and runs a line for each connection, until it is disposed.</summary>
internal sealed class LineListener : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Socket, CancellationToken, Task> _line;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _lines = [];
    private readonly Task _accepting;

    /// <summary>Begins to listen.</summary>
    /// <param name="address">Where.</param>
    /// <param name="line">Runs a line from its caller to wherever it leads, until an end leaves. The caller is the line's to dispose.</param>
    public LineListener(IPAddress address, Func<Socket, CancellationToken, Task> line)
    {
        (_listener, _line) = (new TcpListener(address, 0), line);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_lines);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _lines.Add(RunAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task RunAsync(Socket caller)
    {
        try
        {
            await _line(caller, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // An end left, or the test is over.
        }
    }
}
