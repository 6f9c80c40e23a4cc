namespace Tavern.EventSourced.Node.Transports;

/// <summary>Settings of <see cref="GuardedTransport"/>: how long and how often one peer is tried.</summary>
public sealed record GuardOptions
{
    /// <summary>Time for one call. Default 5 s: the longest idle round interval; an answer that is later is overtaken by the next round.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls to one address at a time. Default 8: a few agents of this node that happen to pick agents of the same node.</summary>
    public int CallsPerPeerMax { get; init; } = 8;

    /// <summary>Calls to one address that may wait for their turn; more fail at once. Default 64.</summary>
    public int WaitingPerPeerMax { get; init; } = 64;

    /// <summary>Calls within <see cref="Window"/> before the circuit may open. Default 5: fewer are chance.</summary>
    public int CallsToJudge { get; init; } = 5;

    /// <summary>Share of failed calls within <see cref="Window"/> at which the circuit opens. Default 0.8: nearly all in a row, while a
    /// peer that answers every other call is still worth calling.</summary>
    public double FailureRatio { get; init; } = 0.8;

    /// <summary>How far back calls are counted. Default 10 s: two idle rounds, and long enough for five rounds of one second.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an open circuit refuses calls before one is let through to try. Default 1 s: one round, so a partition that
    /// heals is found at once.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Addresses remembered. Default 4096; beyond it all are forgotten, since members could announce any number.</summary>
    public int PeersMax { get; init; } = 4096;
}
