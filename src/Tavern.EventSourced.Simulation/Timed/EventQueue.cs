namespace Tavern.EventSourced.Simulation.Timed;

/// <summary>What is going to happen, in virtual time. What is due at the same moment happens in the order in which it was planned, so
/// a run depends on nothing but its seed.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _planned = new();
    private long _lastNumber;

    /// <summary>Virtual time since the simulation began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Plans something; what lies in the past happens now.</summary>
    public void At(TimeSpan at, Action action) => _planned.Enqueue(action, (at > Now ? at : Now, ++_lastNumber));

    /// <summary>Plans something for later.</summary>
    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Lets the next thing happen, if it is due at <paramref name="end"/> or before; otherwise it is <paramref name="end"/>.</summary>
    public bool Step(TimeSpan end)
    {
        if (!_planned.TryPeek(out var action, out var due) || due.At > end)
        {
            Now = end > Now ? end : Now;
            return false;
        }

        _planned.Dequeue();
        Now = due.At;
        action();
        return true;
    }
}
