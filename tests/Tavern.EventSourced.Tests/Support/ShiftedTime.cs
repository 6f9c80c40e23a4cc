namespace Tavern.EventSourced.Tests.Support;

/// <summary>The system's clock and timers, with a wall clock that is wrong by so much.</summary>
public sealed class ShiftedTime(TimeSpan wrongBy) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + wrongBy;
}
