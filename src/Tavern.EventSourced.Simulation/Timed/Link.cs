namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>The way from one node to another, in one direction.</summary>
public sealed record Link
{
    /// <summary>Time that every message takes. Default 5 ms: nodes of one region.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Further time, even between 0 and this: messages overtake each other. Default 5 ms.</summary>
    public TimeSpan Jitter { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Messages per 1000 that are lost. Default 0.</summary>
    public int LossPerMille { get; init; }

    /// <summary>Messages per 1000 that arrive twice. Default 0.</summary>
    public int DuplicatesPerMille { get; init; }

    /// <summary>Bytes per second that it carries for each message by itself; 0, the default, for no bound.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>True when nothing gets through.</summary>
    public bool IsCut { get; init; }
}
