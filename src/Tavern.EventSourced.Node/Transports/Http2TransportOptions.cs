using System.Net;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Settings of <see cref="Http2Transport"/>.</summary>
public sealed record Http2TransportOptions
{
    /// <summary>Where to listen; without TLS a loopback address. Default 127.0.0.1 at a free port (0).</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Listen with TLS 1.3 and demand that callers prove who they are. Default: false, plain HTTP/2.</summary>
    public bool Tls { get; init; }

    /// <summary>Calls answered at a time; more are refused as busy. Default 64: with the largest messages, encoded and decoded,
    /// about 200 MiB.</summary>
    public int CallsMax { get; init; } = 64;

    /// <summary>Connections accepted at a time; a peer node holds one. Default 256.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>Calls under way on one connection; a peer sends no more. Default 32: more than one peer is let have at a time.</summary>
    public int StreamsPerConnectionMax { get; init; } = 32;

    /// <summary>Time to reach a peer, handshake and proof included. Default 4 s: five round trips around the world take less than 2, and a call
    /// may take 5.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long a connection stays without a call. Default 2 min: with some twenty peers each is called more often than that.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time that a caller gets for the TLS handshake, and again for its proof. Default 5 s: more than the caller itself waits.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections at a time that have proven nothing yet; more are ended at once. Default 64: with a proof of the largest size each,
    /// 16 MiB.</summary>
    public int UnprovenMax { get; init; } = 64;

    /// <summary>Of them, from one address. Default 16: a machine with so many nodes can start them all at once.</summary>
    public int UnprovenPerHostMax { get; init; } = 16;

    /// <summary>Time that calls under way get to finish when the listener stops. Default 500 ms.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address, or a number is out of range.</exception>
    public void Validate()
    {
        if (!Tls) Loopback.Require(Listen);
        ArgumentOutOfRangeException.ThrowIfLessThan(CallsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamsPerConnectionMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(UnprovenMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(UnprovenPerHostMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StopTimeout, TimeSpan.Zero);
    }
}
