namespace Tavern.EventSourced.Gossip;

/// <summary>Bounds how many rounds the agents of a node start per second: whoever wants one takes the next turn, so they come one after the
/// other, in the order in which they asked. A quarter of a second's turns may be taken at once after a pause. (GCRA, ITU-T I.371.)</summary>
internal sealed class RoundTurns
{
    private readonly TimeSpan _interval;
    private readonly TimeSpan _burst;
    private TimeSpan _next;

    public RoundTurns(int perSecondMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecondMax, 1);
        _interval = TimeSpan.FromSeconds(1) / perSecondMax;
        _burst = TimeSpan.FromSeconds(0.25);
    }

    /// <summary>Takes the next turn and says when it is: now, or later.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        var turn = _next > now - _burst ? _next : now - _burst;
        _next = turn + _interval;
        return turn > now ? turn : now;
    }
}
