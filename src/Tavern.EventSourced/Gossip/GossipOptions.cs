namespace Tavern.EventSourced.Gossip;

/// <summary>Settings of an engine. The defaults are the protocol's; sources in ALGORITHM.md.</summary>
public sealed record GossipOptions
{
    /// <summary>Largest frame, in bytes of records and their framing: the largest segment.</summary>
    public const int FrameBytesMax = Events.EventLimits.PayloadBytesMax + Events.EventLimits.HeaderBytesMax;

    /// <summary>Peers contacted per round. Default 2: the smallest with which news reaches 1024 agents in at most 7 lock-step rounds.</summary>
    public int FanOut { get; init; } = 2;

    /// <summary>Time between rounds while fingerprints differ. Default 1 s.</summary>
    public TimeSpan RoundInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time between rounds while fingerprints agree; the interval doubles up to it. Default 5 s.</summary>
    public TimeSpan RoundIntervalMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>News waits this long for more before a round starts at once. Default 3 ms.</summary>
    public TimeSpan NewsDelay { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Exchanges this agent may have started and not finished. Default 2.</summary>
    public int ExchangesMax { get; init; } = 2;

    /// <summary>Bytes of records sent per message; one segment always fits. Default 256 KiB; at most <see cref="FrameBytesMax"/>.</summary>
    public int FrameBudgetBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of records that may wait for their dependencies. Default 8 MiB; at least two largest segments.</summary>
    public int HoldBackBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Shortest life of a reservation; twice the measured round trip when that is longer. Default 200 ms.</summary>
    public TimeSpan ReservationMin { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest life of a reservation: a process that stood still measures long round trips and answers calls that nobody waits for any
    /// more. Default 5 s; <see cref="ReservationMin"/> wins when that is longer.</summary>
    public TimeSpan ReservationMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for which a peer that let reservations run out gets none for that chain: a second at first, doubling up to this.
    /// Default 10 s: it may be its answers that get lost, and once they no longer do, agents must agree soon.</summary>
    public TimeSpan DefaulterTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Recently changed entries in a Syn or SynAck. Default 256.</summary>
    public int RecentEntriesMax { get; init; } = 256;

    /// <summary>Entries in one page of a full clock. Default 2048.</summary>
    public int PageEntriesMax { get; init; } = 2048;

    /// <summary>At a start, how long to wait for one of the other agents to say how far it has heard this one. Default 5 s: as long as a
    /// call may take.</summary>
    public TimeSpan GuardAnswerTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for lost events that others have while none of them comes. Default 10 s: the longest back-off.</summary>
    public TimeSpan GuardProgressTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer may take to be reached by others before it is suspected; longer when this agent itself does badly.
    /// Default 1 s: SWIM's protocol period.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks the settings against each other.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FanOut, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExchangesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FrameBudgetBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FrameBudgetBytes, FrameBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecentEntriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageEntriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RoundInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RoundIntervalMax, RoundInterval);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(GuardAnswerTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(GuardProgressTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HoldBackBytesMax, 2 * FrameBytesMax);
    }
}
