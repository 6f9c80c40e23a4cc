using System.Net;
using System.Net.Sockets;
using Tavern.EventSourced.ContainerTests.Containers.Docker;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Brings a node's API, which listens inside its container only, to the same port of this machine's loopback: each connection becomes a
/// shell inside the container that connects to the API.</summary>
internal sealed class ApiRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _lines = [];
    private Task _accepting = Task.CompletedTask;

    public ApiRelay()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>The port here, and the one at which the node must listen.</summary>
    public int Port { get; }

    /// <summary>Begins to relay to a container that <paramref name="current"/> names for each connection anew.</summary>
    public void Start(Func<Container> current) => _accepting = AcceptAsync(current);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_lines);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Func<Container> current)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                _lines.RemoveAll(line => line.IsCompleted);
                _lines.Add(RelayAsync(client, current()));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client, Container container)
    {
        // Whichever side ends first ends the other.
        const string Connect = "exec 3<> /dev/tcp/127.0.0.1/$0 || exit; cat <&3 & cat >&3; kill %1";
        using var shell = container.StartExec("bash", "-c", Connect, Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            await Task.WhenAny(
                stream.CopyToAsync(shell.StandardInput.BaseStream, _stopping.Token),
                FlushingAsync(shell.StandardOutput.BaseStream, stream),
                shell.WaitForExitAsync(_stopping.Token));
        }
        finally
        {
            shell.StandardInput.Close();
            if (!shell.HasExited) shell.Kill();
            await shell.WaitForExitAsync();
        }
    }

    private async Task FlushingAsync(Stream from, Stream to) => await from.CopyToAsync(to, _stopping.Token);
}
