namespace Tavern.EventSourced.Gossip;

/// <summary>One life of an agent, in 64 bits: the upper 32 order the lives of an agent, the lower 32 were drawn at its start and tell
/// it from all other starts. The order begins with the seconds of the clock and needs no memory: an agent that started with a clock
/// that had jumped back, and hears that a later life of it is suspected, goes above that (<see cref="Above"/>), as SWIM refutes.</summary>
public static class Incarnation
{
    /// <summary>The incarnation of a start.</summary>
    /// <param name="wall">The clock; outside 1970 to 2106 the nearest end counts.</param>
    /// <param name="random">Its lower 32 bits are used.</param>
    public static ulong AtStart(DateTimeOffset wall, ulong random) =>
        (ulong)Math.Clamp(wall.ToUnixTimeSeconds(), 0, uint.MaxValue) << 32 | (uint)random;

    /// <summary>Which start it belongs to: what was remembered of another one is void.</summary>
    public static uint StartOf(ulong incarnation) => (uint)incarnation;

    /// <summary>Its place among the incarnations of its agent.</summary>
    public static uint OrderOf(ulong incarnation) => (uint)(incarnation >> 32);

    /// <summary>The same start, one above what was said of it. The highest stays where it is.</summary>
    public static ulong Above(ulong own, ulong said) =>
        (ulong)Math.Min(Math.Max(OrderOf(own), OrderOf(said)) + 1UL, uint.MaxValue) << 32 | StartOf(own);
}
