namespace Tavern.EventSourced.Node.Requests;

/// <summary>How much of a log one request looks at. Each is exceeded by a block of 64 events, or one event, at most.</summary>
internal sealed record LookLimits
{
    /// <summary>Events for one answer; then it says how to go on. 50,000: about a second where texts are searched.</summary>
    public long EventsMax { get; init; } = 50_000;

    /// <summary>Bytes of them for one answer; they may have to come from the store. 64 MiB.</summary>
    public long BytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of the events in one answer, unless one alone has more. 8 MiB.</summary>
    public long PageBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Events looked at under the gate at once: 2,000 take a few milliseconds, in which nobody else reads.</summary>
    public long StretchEventsMax { get; init; } = 2000;

    /// <summary>Bytes of them, where payloads are large. 4 MiB.</summary>
    public long StretchBytesMax { get; init; } = 4 * 1024 * 1024;
}
