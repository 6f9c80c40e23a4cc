using System.Net;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Settings of <see cref="Http2Transport"/>.</summary>
public sealed record Http2TransportOptions
{
    /// <summary>Where to listen; a loopback address. Default 127.0.0.1 at a free port (0).</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Calls answered at a time; more are refused as busy. Default 64: with the largest messages, encoded and decoded,
    /// about 200 MiB.</summary>
    public int CallsMax { get; init; } = 64;

    /// <summary>Connections accepted at a time; a peer node holds one. Default 256.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>Calls under way on one connection; a peer sends no more. Default 32: more than one peer is let have at a time.</summary>
    public int StreamsPerConnectionMax { get; init; } = 32;

    /// <summary>Time to reach a peer. Default 2 s: a loopback connection takes microseconds; a listener that is full takes longer.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that calls under way get to finish when the listener stops. Default 500 ms.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address, or a number is out of range.</exception>
    public void Validate()
    {
        Loopback.Require(Listen);
        ArgumentOutOfRangeException.ThrowIfLessThan(CallsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamsPerConnectionMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(StopTimeout, TimeSpan.Zero);
    }
}
