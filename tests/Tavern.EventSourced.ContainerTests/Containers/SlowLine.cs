using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>A line to a node that takes its time: every byte, in both directions, arrives so much later than it was sent.</summary>
internal sealed class SlowLine : IAsyncDisposable
{
    private readonly LineListener _listener;
    private readonly Func<Task<IPEndPoint?>> _target;
    private readonly TimeSpan _delay;
    private long _bytes;

    /// <summary>Begins to listen, at any free port.</summary>
    /// <param name="address">Where callers reach this machine.</param>
    /// <param name="target">Where the line leads, asked for each connection; to nowhere while it is null.</param>
    /// <param name="delay">One way.</param>
    public SlowLine(IPAddress address, Func<Task<IPEndPoint?>> target, TimeSpan delay)
    {
        (_target, _delay) = (target, delay);
        _listener = new LineListener(address, RunAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => _listener.Address;

    /// <summary>How much went over it.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task RunAsync(Socket caller, CancellationToken stopping)
    {
        using var _ = caller;
        using var called = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (await _target() is not { } target) return;
        await called.ConnectAsync(target, over.Token);
        var ways = (Task[])[WayAsync(caller, called, over.Token), WayAsync(called, caller, over.Token)];
        await Task.WhenAny(ways);
        await over.CancelAsync();
        await Task.WhenAll(ways);
    }

    private async Task WayAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, long Sent)>(1024);
        var sending = SendAsync();
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
        {
            Interlocked.Add(ref _bytes, count);
            await underWay.Writer.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), cancellationToken);
        }

        underWay.Writer.Complete();
        await sending;

        async Task SendAsync()
        {
            await foreach (var (bytes, sent) in underWay.Reader.ReadAllAsync(cancellationToken))
            {
                if (_delay - TimeProvider.System.GetElapsedTime(sent) is { Ticks: > 0 } left) await Task.Delay(left, cancellationToken);
                for (var done = 0; done < bytes.Length;) done += await to.SendAsync(bytes.AsMemory(done), cancellationToken);
            }
        }
    }
}
